package dev.penstock.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.testkit.Await;
import dev.penstock.testkit.TestServers;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is done over HTTP stands in the trail, and the trail is read over HTTP. */
class AuditHttpIT {
    private static final String PASSWORD = "correct horse battery";

    @TempDir
    Path folder;

    private GatewayFixture gateway;

    @BeforeEach
    void start() {
        gateway = new GatewayFixture(
                folder,
                "registry: {pools: [echo], allow: [127.0.0.0/8]}\n"
                        + "limits: [{name: reference, per-minute: 0, per-hour: 0, per-day: 0},"
                        + " {name: admin, per-minute: 0, per-hour: 0, per-day: 0}]\n",
                "",
                TestServers.freshDatabase().url());
        gateway.cache();
        Await.until(
                "Postgres answers", () -> gateway.harness.context().postgres().available());
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    /** @param body null for none; {@code {a name}} in path and body stands for what an earlier step made */
    private record Step(String kind, String method, String path, String body, String makes, int status) {
        Step(String kind, String method, String path, String body, int status) {
            this(kind, method, path, body, "", status);
        }
    }

    private static final List<Step> STEPS = List.of(
            new Step(
                    "user-changed",
                    "POST",
                    "/api/admin/users",
                    "{\"name\":\"ann\",\"password\":\"" + PASSWORD + "\"}",
                    "user",
                    201),
            new Step("user-changed", "PATCH", "/api/admin/users/{user}", "{\"role\":\"analyst\"}", 200),
            new Step(
                    "login-succeeded",
                    "POST",
                    "/api/auth/login",
                    "{\"name\":\"ann\",\"password\":\"" + PASSWORD + "\"}",
                    200),
            new Step("login-failed", "POST", "/api/auth/login", "{\"name\":\"ann\",\"password\":\"wrong\"}", 401),
            new Step("login-failed", "POST", "/api/auth/login", "{\"name\":\"zoe\",\"password\":\"wrong\"}", 401),
            new Step("team-changed", "POST", "/api/admin/teams", "{\"name\":\"red\"}", 201),
            new Step("team-changed", "PATCH", "/api/admin/teams/red", "{\"description\":\"x\"}", 200),
            new Step("team-changed", "DELETE", "/api/admin/teams/red", null, 204),
            new Step("key-created", "POST", "/api/admin/keys", "{\"name\":\"k\"}", "key", 201),
            new Step("key-changed", "PATCH", "/api/admin/keys/{key}", "{\"name\":\"k2\"}", 200),
            new Step("key-rotated", "POST", "/api/admin/keys/{key}/rotate", "", 200),
            new Step("key-revoked", "DELETE", "/api/admin/keys/{key}", null, 204),
            new Step(
                    "budget-changed",
                    "POST",
                    "/api/admin/budgets",
                    "{\"name\":\"b\",\"scope\":\"all\",\"limit\":\"5usd\"}",
                    201),
            new Step("budget-changed", "PUT", "/api/admin/budgets/b", "{\"scope\":\"all\",\"limit\":\"6usd\"}", 200),
            new Step("budget-changed", "DELETE", "/api/admin/budgets/b", null, 204),
            new Step(
                    "address-blocked",
                    "POST",
                    "/api/admin/blocks",
                    "{\"address\":\"203.0.113.9\",\"reason\":\"test\"}",
                    201),
            new Step("address-unblocked", "DELETE", "/api/admin/blocks?address=203.0.113.9", null, 204),
            new Step("configuration-changed", "POST", "/api/admin/config/reload", "", 0),
            new Step(
                    "instance-changed",
                    "POST",
                    "/api/registry/echo",
                    "{\"url\":\"http://127.0.0.1:9\"}",
                    "instance",
                    200),
            new Step("instance-changed", "DELETE", "/api/registry/echo/{instance}", null, 204),
            new Step("cache-invalidated", "POST", "/api/performance/cache/invalidate", "{\"scope\":\"all\"}", 200),
            new Step("privacy-exported", "GET", "/api/privacy/{user}/export", null, 200),
            new Step("privacy-anonymised", "POST", "/api/privacy/{key}/anonymise", "", 204),
            new Step("privacy-erased", "DELETE", "/api/privacy/{user}", null, 204));

    @Test
    void everyChangeAndEveryRefusalStandsInTheTrail() {
        Map<String, String> made = new HashMap<>();
        for (Step step : STEPS) {
            int before = count(step.kind());
            HttpResponse<String> answer = perform(step, made);
            if (step.status() != 0) {
                assertThat(answer.statusCode())
                        .as("%s: %s", step, answer.body())
                        .isEqualTo(step.status());
            }
            Await.until(step + " is on record", () -> count(step.kind()) == before + 1);
        }
        assertThat(gateway.get("/v1/models", "Authorization", "Bearer psk-wrong")
                        .statusCode())
                .isEqualTo(401);
        Await.until("the wrong key is on record", () -> count("authentication-failed") >= 1);
        String user = new JsonObject(
                        gateway.post("/api/admin/keys", "{\"name\":\"u\"}").body())
                .getString("key");
        assertThat(gateway.get("/api/admin/users", "Authorization", "Bearer " + user)
                        .statusCode())
                .isEqualTo(403);
        Await.until("what was denied is on record", () -> count("access-denied") == 1);
        assertThat(gateway.get("/api/admin/audit?limit=500").body())
                .as("no password and no key")
                .doesNotContain(PASSWORD, "wrong\"", user, "psk-");
        assertThat(gateway.get("/api/admin/audit/verify").body()).contains("\"intact\"");
    }

    @Test
    void theTrailIsFilteredAndReadPageByPage() {
        for (int i = 0; i < 5; i++) {
            gateway.post("/api/admin/keys", "{\"name\":\"k" + i + "\"}");
        }
        assertThat(gateway.post("/api/admin/teams", "{\"name\":\"red\"}").statusCode())
                .isEqualTo(201);
        assertThat(entries("?kind=key-created")).hasSize(5);
        assertThat(entries("?actor=key_admin")).hasSize(6);
        assertThat(entries("?actor=key_other")).isEmpty();
        assertThat(entries("?from=2020-01-01T00:00:00Z&to=2020-01-02T00:00:00Z"))
                .isEmpty();
        List<Long> seen = new ArrayList<>();
        String after = "";
        do {
            JsonObject page = new JsonObject(
                    gateway.get("/api/admin/audit?limit=2" + after).body());
            JsonArray entries = page.getJsonArray("entries");
            for (int i = 0; i < entries.size(); i++) {
                seen.add(entries.getJsonObject(i).getLong("seq"));
            }
            after = page.getValue("next") == null ? "" : "&after=" + page.getValue("next");
        } while (!after.isEmpty());
        assertThat(seen).hasSize(6).isSortedAccordingTo((one, other) -> Long.compare(other, one));
        assertThat(new TreeSet<>(seen)).hasSize(6);
        for (String wrong : List.of("kind=no-such", "limit=0", "limit=501", "limit=x", "after=0", "from=today")) {
            HttpResponse<String> answer = gateway.get("/api/admin/audit?" + wrong);
            assertThat(answer.statusCode()).as(wrong).isEqualTo(400);
            assertThat(answer.body()).as(wrong).contains("'" + wrong.split("=", 2)[0] + "'");
        }
        assertThat(gateway.get("/api/admin/audit/verify?after=999999").statusCode())
                .isEqualTo(404);
        assertThat(gateway.get("/api/admin/audit/verify?after=-1").statusCode()).isEqualTo(400);
    }

    @Test
    void aFloodOfRefusalsIsCountedInFewRowsAndNoneIsForgotten() {
        int flood = 600;
        long start = System.nanoTime();
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        for (int i = 0; i < flood; i++) {
            answers.add(gateway.client()
                    .sendAsync(
                            gateway.request("/api/auth/session", "Authorization", "Bearer psk-wrong-" + i)
                                    .build(),
                            java.net.http.HttpResponse.BodyHandlers.ofString()));
            if (i % 50 == 49) {
                answers.forEach(CompletableFuture::join);
            }
        }
        // 503 where the keys were not read yet: refused all the same.
        answers.forEach(answer -> assertThat(answer.join().statusCode()).isIn(401, 503));
        long refused = answers.size();
        long seconds = Duration.ofNanos(System.nanoTime() - start).toSeconds() + 2;
        Await.until("all are counted", Duration.ofSeconds(60), () -> {
            long sum = 0;
            for (JsonObject entry : entries("?kind=authentication-failed&limit=500")) {
                int further = entry.getInteger("further");
                sum += further == 0 ? 1 : further;
            }
            return sum == refused;
        });
        assertThat((long) entries("?kind=authentication-failed&limit=500").size())
                .isLessThanOrEqualTo(Math.min(500, seconds * 20 + 5));
    }

    private HttpResponse<String> perform(Step step, Map<String, String> made) {
        String path = filled(step.path(), made);
        var request = gateway.request(path);
        if (step.body() != null && !step.body().isEmpty()) {
            request.header("Content-Type", "application/json");
        }
        HttpResponse<String> answer = gateway.send(request.method(
                        step.method(),
                        step.body() == null ? BodyPublishers.noBody() : BodyPublishers.ofString(step.body()))
                .build());
        if (!step.makes().isEmpty()) {
            made.put(step.makes(), new JsonObject(answer.body()).getString("id"));
        }
        return answer;
    }

    private static String filled(String text, Map<String, String> made) {
        String result = text;
        for (Map.Entry<String, String> one : made.entrySet()) {
            result = result.replace("{" + one.getKey() + "}", one.getValue());
        }
        return result;
    }

    private int count(String kind) {
        return entries("?limit=500&kind=" + kind).size();
    }

    private List<JsonObject> entries(String query) {
        HttpResponse<String> answer = gateway.get("/api/admin/audit" + query);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        List<JsonObject> entries = new ArrayList<>();
        JsonArray array = new JsonObject(answer.body()).getJsonArray("entries");
        for (int i = 0; i < array.size(); i++) {
            entries.add(array.getJsonObject(i));
        }
        return entries;
    }
}
