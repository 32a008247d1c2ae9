package dev.penstock.gateway.ops;

import static dev.penstock.gateway.ops.FakeAlerts.alert;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.common.contract.AlertContract.Event;
import dev.penstock.common.contract.AlertContract.Severity;
import dev.penstock.gateway.auth.AccessRole;
import dev.penstock.gateway.ops.OpsServer.Socket;
import dev.penstock.testkit.Await;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.UpgradeRejectedException;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AlertStreamTest {
    private static final String STREAM = "/api/alerts/stream";

    @TempDir
    Path folder;

    private OpsServer server;
    private FakeAlerts alerts;

    @BeforeEach
    void start() {
        server = new OpsServer(folder);
        alerts = new FakeAlerts(server.harness);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void beginsWithASnapshotAndGoesOnWithEvents() {
        alerts.fire(alert("a1", Severity.CRITICAL, null, "d"));
        Socket socket = server.socket(STREAM, OpsServer.ADMIN_KEY);
        JsonObject snapshot = socket.next();
        assertThat(snapshot.getString("type")).isEqualTo("snapshot");
        assertThat(snapshot.getString("id")).isEqualTo("1");
        JsonObject alert = snapshot.getJsonArray("alerts").getJsonObject(0);
        assertThat(alert.getString("severity")).isEqualTo("critical");
        assertThat(alert.getString("startsAt")).isEqualTo("2026-01-01T00:00:00Z");
        alerts.fire(alert("a2", Severity.INFO, null, "d"));
        JsonObject event = socket.next();
        assertThat(event.getString("type")).isEqualTo("alert");
        assertThat(event.getString("id")).isEqualTo("2");
        assertThat(event.getString("event")).isEqualTo("firing");
    }

    @Test
    void resumesWithWhatWasMissedAndWithoutASnapshot() {
        for (int i = 1; i <= 5; i++) {
            alerts.fire(alert("a" + i, Severity.ERROR, null, "d"));
        }
        Socket socket = server.socket(STREAM + "?since=3", OpsServer.ADMIN_KEY);
        assertThat(socket.next().getString("id")).isEqualTo("4");
        assertThat(socket.next().getString("id")).isEqualTo("5");
    }

    @Test
    void saysWhatIsMissingWhenTheLogNoLongerHasIt() {
        for (int i = 1; i <= 5; i++) {
            alerts.fire(alert("a" + i, Severity.ERROR, null, "d"));
        }
        alerts.forget(4);
        Socket socket = server.socket(STREAM + "?since=2", OpsServer.ADMIN_KEY);
        JsonObject gap = socket.next();
        assertThat(gap.getString("type")).isEqualTo("gap");
        assertThat(gap.getString("from")).isEqualTo("3");
        assertThat(gap.getString("to")).isEqualTo("5");
        assertThat(socket.next().getString("type")).isEqualTo("snapshot");
    }

    @Test
    void anIdFromAnotherLogLeadsToASnapshotInsteadOfSilence() {
        alerts.fire(alert("a1", Severity.ERROR, null, "d"));
        Socket socket = server.socket(STREAM + "?since=900", OpsServer.ADMIN_KEY);
        assertThat(socket.next().getString("type")).isEqualTo("gap");
        assertThat(socket.next().getString("id")).isEqualTo("1");
    }

    @Test
    void aLostMessageIsFetchedBeforeTheNextIsPassedOn() {
        Socket socket = server.socket(STREAM, OpsServer.ADMIN_KEY);
        socket.next();
        Event lost = alerts.log(alert("a1", Severity.ERROR, null, "d"));
        alerts.fire(alert("a2", Severity.ERROR, null, "d"));
        assertThat(lost.id()).isEqualTo(1);
        assertThat(List.of(socket.next().getString("id"), socket.next().getString("id")))
                .containsExactly("1", "2");
    }

    @Test
    void aLostLastMessageArrivesAllTheSame() {
        Socket socket = server.socket(STREAM, OpsServer.ADMIN_KEY);
        socket.next();
        alerts.log(alert("a1", Severity.ERROR, null, "d"));
        assertThat(socket.next().getString("id")).isEqualTo("1");
    }

    @Test
    void usersSeeTheirOwnTeamAnalystsOfATeamAlsoWhatIsNobodysAndOthersAll() {
        alerts.fire(alert("own", Severity.ERROR, "red", "d"));
        alerts.fire(alert("other", Severity.ERROR, "blue", "d"));
        alerts.fire(alert("none", Severity.ERROR, null, "d"));
        Socket user = server.socket(STREAM, server.key(AccessRole.USER, "red"));
        assertThat(ids(user.next())).containsExactly("own");
        Socket analyst = server.socket(STREAM, server.key(AccessRole.ANALYST, "red"));
        assertThat(ids(analyst.next())).containsExactlyInAnyOrder("own", "none");
        Socket free = server.socket(STREAM, server.key(AccessRole.ANALYST, null));
        assertThat(ids(free.next())).containsExactlyInAnyOrder("own", "other", "none");
        String[] red = OpsServer.bearer(server.key(AccessRole.ANALYST, "red"));
        assertThat(server.get("/api/alerts", red).body())
                .contains("\"own\"", "\"none\"")
                .doesNotContain("\"other\"");
        assertThat(server.send("POST", "/api/alerts/other/ack", "", red).statusCode())
                .isEqualTo(404);
        assertThat(server.send("POST", "/api/alerts/own/ack", "", red).statusCode())
                .isEqualTo(200);
        Socket blue = server.socket(STREAM + "?team=blue&severity=error,critical", OpsServer.ADMIN_KEY);
        assertThat(ids(blue.next())).containsExactly("other");
    }

    @Test
    void clientsFilterAcknowledgeAndAreToldWhatIsWrong() {
        alerts.fire(alert("a1", Severity.ERROR, null, "d"));
        Socket socket = server.socket(STREAM, OpsServer.ADMIN_KEY);
        socket.next();
        socket.send(new JsonObject().put("type", "ack").put("alert", "missing"));
        JsonObject error = socket.next();
        assertThat(error.getString("type")).isEqualTo("error");
        assertThat(error.getString("code")).isEqualTo("not_found");
        assertThat(error.getString("alert")).isEqualTo("missing");
        socket.send(new JsonObject().put("type", "dance"));
        assertThat(socket.next().getString("code")).isEqualTo("invalid_request");
        Await.result(socket.client.writeTextMessage("not json"));
        assertThat(socket.next().getString("code")).isEqualTo("invalid_request");
        socket.send(new JsonObject().put("type", "filter").put("severity", new JsonArray().add("purple")));
        assertThat(socket.next().getString("message")).contains("severity");
        socket.send(new JsonObject().put("type", "filter").put("severity", new JsonArray().add("info")));
        assertThat(socket.next().getJsonArray("alerts")).isEmpty();
    }

    @Test
    void aSlowClientIsDroppedAndTheOthersAreNot() {
        Socket slow = server.socket(STREAM, OpsServer.ADMIN_KEY);
        slow.next();
        slow.client.pause();
        Socket quick = server.socket(STREAM, OpsServer.ADMIN_KEY);
        quick.next();
        String large = "x".repeat(100_000);
        for (int i = 1; i <= 200; i++) {
            alerts.fire(alert("a" + i, Severity.ERROR, null, large));
            assertThat(quick.next().getString("id")).isEqualTo(Integer.toString(i));
        }
        slow.client.resume();
        assertThat(slow.closeCode()).isEqualTo(4408);
        assertThat(slow.waiting()).isLessThan(200);
    }

    @Test
    void withoutACredentialThereIsNoSocket() {
        assertThat(rejected(new WebSocketConnectOptions().setURI(STREAM))).isEqualTo(401);
        assertThat(rejected(new WebSocketConnectOptions()
                        .setURI(STREAM + "?since=x")
                        .addHeader("x-api-key", OpsServer.ADMIN_KEY)))
                .isEqualTo(400);
    }

    @Test
    void theKeyMayTravelInTheSubprotocolAndIsNotSentBackBesideOurs() {
        var both = new WebSocketConnectOptions()
                .setURI(STREAM)
                .setSubProtocols(List.of("bearer." + OpsServer.ADMIN_KEY, "penstock.v1"));
        assertThat(Await.result(server.open(both)).client.subProtocol()).isEqualTo("penstock.v1");
        var lone =
                new WebSocketConnectOptions().setURI(STREAM).setSubProtocols(List.of("bearer." + OpsServer.ADMIN_KEY));
        assertThat(Await.result(server.open(lone)).client.subProtocol()).isEqualTo("bearer." + OpsServer.ADMIN_KEY);
    }

    @Test
    void aKeyHasOnlySoManySockets() {
        for (int i = 0; i < 3; i++) {
            server.socket(STREAM, OpsServer.ADMIN_KEY);
        }
        var fourth = new WebSocketConnectOptions().setURI(STREAM).addHeader("x-api-key", OpsServer.ADMIN_KEY);
        assertThat(rejected(fourth)).isEqualTo(429);
    }

    @Test
    void aCookieOpensASocketOnlyFromOurOwnPages() {
        String cookie = server.send("POST", "/api/auth/session", "", OpsServer.bearer(OpsServer.ADMIN_KEY))
                .headers()
                .firstValue("set-cookie")
                .orElseThrow()
                .split(";", 2)[0];
        var foreign = new WebSocketConnectOptions()
                .setURI(STREAM)
                .setAllowOriginHeader(false)
                .addHeader("cookie", cookie)
                .addHeader("origin", "https://evil.example.com");
        assertThat(rejected(foreign)).isEqualTo(403);
        var own = new WebSocketConnectOptions()
                .setURI(STREAM)
                .setAllowOriginHeader(true)
                .addHeader("cookie", cookie);
        assertThat(Await.result(server.open(own)).next().getString("type")).isEqualTo("snapshot");
    }

    @Test
    void serverSentEventsTellTheSameAndResume() {
        alerts.fire(alert("a1", Severity.ERROR, null, "d"));
        alerts.fire(alert("a2", Severity.ERROR, null, "d"));
        var parts = new ConcurrentLinkedQueue<String>();
        var client = server.vertx().createHttpClient();
        var response = Await.result(client.request(HttpMethod.GET, server.port(), "127.0.0.1", "/api/alerts/events")
                .compose(request -> request.putHeader("x-api-key", OpsServer.ADMIN_KEY)
                        .putHeader("last-event-id", "1")
                        .send()
                        .onSuccess(answer -> answer.handler(part -> parts.add(part.toString())))));
        assertThat(response.getHeader("content-type")).isEqualTo("text/event-stream");
        Await.until(
                "the missed event arrives", () -> String.join("", parts).contains("id: 2\ndata: {\"type\":\"alert\""));
        alerts.fire(alert("a3", Severity.ERROR, null, "d"));
        Await.until("the next event arrives", () -> String.join("", parts).contains("id: 3\ndata: "));
    }

    @Test
    void aRevokedKeyCannotOpenASocket() {
        String key = server.key(AccessRole.ANALYST, null);
        server.socket(STREAM, key).next();
        var list = new JsonObject(server.get("/api/admin/keys", OpsServer.bearer(OpsServer.ADMIN_KEY))
                .body());
        String id = list.getJsonArray("keys").getJsonObject(0).getString("id");
        server.send("DELETE", "/api/admin/keys/" + id, "", OpsServer.bearer(OpsServer.ADMIN_KEY));
        assertThat(rejected(new WebSocketConnectOptions().setURI(STREAM).addHeader("x-api-key", key)))
                .isEqualTo(401);
    }

    private int rejected(WebSocketConnectOptions options) {
        return ((UpgradeRejectedException) Await.failure(server.open(options))).getStatus();
    }

    private static List<String> ids(JsonObject snapshot) {
        return snapshot.getJsonArray("alerts").stream()
                .map(alert -> ((JsonObject) alert).getString("id"))
                .toList();
    }
}
