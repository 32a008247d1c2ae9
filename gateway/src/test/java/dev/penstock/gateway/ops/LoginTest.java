package dev.penstock.gateway.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.common.contract.SecurityContract;
import dev.penstock.common.contract.SecurityContract.Kind;
import dev.penstock.gateway.auth.AccessRole;
import dev.penstock.testkit.Await;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Signing in over HTTP. */
class LoginTest {
    private static final String[] ADMIN = OpsServer.bearer(OpsServer.ADMIN_KEY);
    private static final String PASSWORD = "correct horse battery";

    @TempDir
    Path folder;

    private OpsServer server;
    private final Queue<SecurityContract.SecurityEvent> events = new ConcurrentLinkedQueue<>();

    @BeforeEach
    void start() {
        server = new OpsServer(folder);
        Await.result(server.harness.bus().subscribe(SecurityContract.EVENTS, events::add));
        HttpResponse<String> made = server.send(
                "POST",
                "/api/admin/users",
                new JsonObject()
                        .put("name", "Ann")
                        .put("password", PASSWORD)
                        .put("role", "analyst")
                        .put("team", "red")
                        .encode(),
                ADMIN);
        assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
        assertThat(made.body()).doesNotContain("$2");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void whoSignsInMayWhatTheRoleMayAndNoMore() {
        JsonObject tokens = login();
        assertThat(tokens.getString("tokenType")).isEqualTo("Bearer");
        assertThat(tokens.getInteger("expiresIn")).isEqualTo(900);
        String[] bearer = OpsServer.bearer(tokens.getString("accessToken"));
        assertThat(server.get("/api/auth/session", bearer).body()).contains("\"Ann\"", "\"red\"", "\"analyst\"");
        assertThat(server.get("/api/admin/users", bearer).statusCode()).isEqualTo(403);
    }

    @Test
    void aWrongPasswordAndAnUnknownNameAreToldTheSame() {
        HttpResponse<String> wrong = tryLogin("ann", "incorrect horse");
        HttpResponse<String> unknown = tryLogin("nobody", PASSWORD);
        assertThat(wrong.statusCode()).isEqualTo(401);
        assertThat(unknown.statusCode()).isEqualTo(401);
        assertThat(new JsonObject(wrong.body()).getString("detail"))
                .isEqualTo(new JsonObject(unknown.body()).getString("detail"));
        assertThat(tryLogin("ann", "x".repeat(2000)).statusCode()).isEqualTo(400);
        Await.until(
                "both are told",
                () -> events.stream()
                                .filter(event -> event.kind() == Kind.LOGIN_FAILED)
                                .count()
                        == 2);
        assertThat(events.toString()).doesNotContain(PASSWORD, "incorrect", "nobody");
    }

    @Test
    void aRefreshTokenWorksOnceAndShownAgainEndsTheSession() {
        JsonObject first = login();
        HttpResponse<String> second = refresh(first.getString("refreshToken"));
        assertThat(second.statusCode()).as(second.body()).isEqualTo(200);
        String access = new JsonObject(second.body()).getString("accessToken");
        assertThat(server.get("/api/auth/session", OpsServer.bearer(access)).statusCode())
                .isEqualTo(200);

        HttpResponse<String> again = refresh(first.getString("refreshToken"));
        assertThat(again.statusCode()).isEqualTo(401);
        assertThat(again.body()).contains("used before");
        assertThat(refresh(new JsonObject(second.body()).getString("refreshToken"))
                        .statusCode())
                .isEqualTo(401);
        HttpResponse<String> ended = server.get("/api/auth/session", OpsServer.bearer(access));
        assertThat(ended.statusCode()).isEqualTo(401);
        assertThat(ended.body()).contains("has ended");
        Await.until("the theft is told", () -> events.stream().anyMatch(event -> event.kind() == Kind.TOKEN_REUSED));
    }

    @Test
    void ofManyThatRefreshAtOnceAtMostOneSucceedsAndTheSessionIsOver() throws Exception {
        String token = login().getString("refreshToken");
        List<Future<HttpResponse<String>>> answers = new ArrayList<>();
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 10; i++) {
                answers.add(callers.submit(() -> refresh(token)));
            }
        }
        int good = 0;
        String last = "";
        for (Future<HttpResponse<String>> answer : answers) {
            if (answer.get().statusCode() == 200) {
                good++;
                last = new JsonObject(answer.get().body()).getString("refreshToken");
            } else {
                assertThat(answer.get().statusCode()).isEqualTo(401);
            }
        }
        assertThat(good).isEqualTo(1);
        assertThat(refresh(last).statusCode()).isEqualTo(401);
    }

    @Test
    void tokensThatNobodySignedAreRefusedAndSayWhy() {
        String none = part("{\"alg\":\"none\"}") + "." + part("{\"iss\":\"penstock\",\"sub\":\"usr_1\"}") + ".";
        assertThat(refused(none)).contains("without a signature");
        assertThat(refused("eyJhbGciOi.x.y")).contains("not a well-formed token");
        String foreign = part("{\"alg\":\"HS256\"}") + "." + part("{\"iss\":\"https://evil.example\"}") + ".AAAA";
        assertThat(refused(foreign)).contains("issuer");
        String access = login().getString("accessToken");
        assertThat(refused(access.substring(0, access.length() - 6) + "AAAAAA")).contains("signature");
    }

    @Test
    void signingOutEndsTokensAndCookieButNotOtherSessions() {
        JsonObject one = login();
        JsonObject other = login();
        String[] bearer = OpsServer.bearer(one.getString("accessToken"));
        HttpResponse<String> begun = server.send("POST", "/api/auth/session", "", bearer);
        assertThat(begun.statusCode()).as(begun.body()).isEqualTo(200);
        String cookie = begun.headers().firstValue("set-cookie").orElseThrow().split(";", -1)[0];
        assertThat(server.get("/api/auth/session", "Cookie", cookie).body()).contains("\"Ann\"");
        assertThat(server.send("POST", "/api/auth/session", "", "Cookie", cookie)
                        .statusCode())
                .as("a page elsewhere cannot use the cookie")
                .isEqualTo(403);

        HttpResponse<String> out = server.send("POST", "/api/auth/logout", "", bearer);
        assertThat(out.statusCode()).as(out.body()).isEqualTo(204);
        assertThat(server.get("/api/auth/session", bearer).statusCode()).isEqualTo(401);
        assertThat(server.get("/api/auth/session", "Cookie", cookie).statusCode())
                .isEqualTo(401);
        assertThat(refresh(one.getString("refreshToken")).statusCode()).isEqualTo(401);
        assertThat(server.get("/api/auth/session", OpsServer.bearer(other.getString("accessToken")))
                        .statusCode())
                .isEqualTo(200);
        assertThat(server.send("POST", "/api/auth/logout", "", OpsServer.bearer(server.key(AccessRole.USER, "red")))
                        .statusCode())
                .as("keys are revoked, not signed out")
                .isEqualTo(400);
    }

    @Test
    void aDisabledUserIsOutAtOnce() {
        JsonObject tokens = login();
        String id = tokens.getJsonObject("user").getString("user");
        HttpResponse<String> changed = server.send("PATCH", "/api/admin/users/" + id, "{\"disabled\":true}", ADMIN);
        assertThat(changed.statusCode()).as(changed.body()).isEqualTo(200);
        assertThat(server.get("/api/auth/session", OpsServer.bearer(tokens.getString("accessToken")))
                        .statusCode())
                .isEqualTo(401);
        assertThat(tryLogin("ann", PASSWORD).statusCode()).isEqualTo(401);
        server.send("PATCH", "/api/admin/users/" + id, "{\"disabled\":false}", ADMIN);
        assertThat(tryLogin("ann", PASSWORD).statusCode()).isEqualTo(200);
    }

    @Test
    void aKeyIsChangedRotatedAndExpiresOverHttp() {
        JsonObject made = new JsonObject(server.send(
                        "POST",
                        "/api/admin/keys",
                        "{\"name\":\"k\",\"models\":[\"m\"],\"tags\":[\"t\"],\"user\":\"ann\",\"rateClass\":\"fast\"}",
                        ADMIN)
                .body());
        String path = "/api/admin/keys/" + made.getString("id");
        assertThat(made.getString("user")).startsWith("usr_");
        JsonObject changed = new JsonObject(server.send("PATCH", path, "{\"role\":\"analyst\",\"models\":null}", ADMIN)
                .body());
        assertThat(changed.getString("role")).isEqualTo("analyst");
        assertThat(changed.getJsonArray("models")).isEmpty();
        assertThat(changed.getJsonArray("tags")).hasSize(1);
        assertThat(changed.getString("rateClass")).isEqualTo("fast");

        String before = made.getString("key");
        JsonObject rotated = new JsonObject(server.send("POST", path + "/rotate", "{\"graceSeconds\":600}", ADMIN)
                .body());
        assertThat(status(before)).isEqualTo(200);
        assertThat(status(rotated.getString("key"))).isEqualTo(200);
        JsonObject again =
                new JsonObject(server.send("POST", path + "/rotate", "", ADMIN).body());
        assertThat(refused(rotated.getString("key"))).contains("was rotated");
        assertThat(status(before)).as("only one key before is kept").isEqualTo(401);
        assertThat(status(again.getString("key"))).isEqualTo(200);

        assertThat(server.send("PATCH", path, "{\"expiresAt\":\"2020-01-01T00:00:00Z\"}", ADMIN)
                        .body())
                .contains("'expiresAt' has passed");
        assertThat(server.send("PATCH", path, "{\"expiresAt\":\"tomorrow\"}", ADMIN)
                        .body())
                .contains("'expiresAt' must be a moment");
        assertThat(server.send("PATCH", path, "{\"user\":\"bob\"}", ADMIN).body())
                .contains("There is no user 'bob'");
        String soon = java.time.Instant.now().plusMillis(1500).toString();
        assertThat(server.send("PATCH", path, "{\"expiresAt\":\"" + soon + "\"}", ADMIN)
                        .statusCode())
                .isEqualTo(200);
        Await.until("it expires", () -> status(again.getString("key")) == 401);
        assertThat(refused(again.getString("key"))).contains("expired at");
    }

    @Test
    void usersAndTeamsAreListedPageByPage() {
        for (String name : List.of("bob", "cat")) {
            server.send("POST", "/api/admin/teams", "{\"name\":\"" + name + "\"}", ADMIN);
        }
        JsonObject page =
                new JsonObject(server.get("/api/admin/teams?limit=1", ADMIN).body());
        assertThat(page.getJsonArray("teams")).hasSize(1);
        assertThat(page.getString("next")).isEqualTo("bob");
        JsonObject rest = new JsonObject(
                server.get("/api/admin/teams?limit=5&after=bob", ADMIN).body());
        assertThat(rest.getJsonArray("teams").getJsonObject(0).getString("name"))
                .isEqualTo("cat");
        assertThat(rest.getString("next")).isNull();
        assertThat(server.get("/api/admin/users?limit=0", ADMIN).statusCode()).isEqualTo(400);
        assertThat(server.send("POST", "/api/admin/users", "{\"name\":\"x\",\"password\":\"short\"}", ADMIN)
                        .body())
                .contains("at least 12");
        assertThat(server.send("POST", "/api/admin/users", "{\"name\":\"ANN\"}", ADMIN)
                        .statusCode())
                .isEqualTo(409);
        assertThat(server.send("DELETE", "/api/admin/users/usr_none", "", ADMIN).statusCode())
                .isEqualTo(404);
    }

    private static String part(String json) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(json.getBytes(StandardCharsets.UTF_8));
    }

    private int status(String key) {
        return server.get("/api/auth/session", OpsServer.bearer(key)).statusCode();
    }

    private String refused(String token) {
        HttpResponse<String> answer = server.get("/api/auth/session", OpsServer.bearer(token));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(401);
        return answer.body();
    }

    private JsonObject login() {
        HttpResponse<String> answer = tryLogin("ann", PASSWORD);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.headers().firstValue("cache-control")).hasValue("no-store");
        return new JsonObject(answer.body());
    }

    private HttpResponse<String> tryLogin(String name, String password) {
        return server.send(
                "POST",
                "/api/auth/login",
                new JsonObject().put("name", name).put("password", password).encode());
    }

    private HttpResponse<String> refresh(String token) {
        return server.send(
                "POST",
                "/api/auth/refresh",
                new JsonObject().put("refreshToken", token).encode());
    }
}
