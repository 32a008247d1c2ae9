package dev.penstock.gateway;

import static dev.penstock.gateway.EmbeddingsTest.header;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.testkit.Await;
import dev.penstock.testkit.TestServers;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The limits that are shipped, over HTTP, raced for at three gateways that share a Redis. */
class ShippedLimitsIT {
    private static final Vertx VERTX = Vertx.vertx();
    private static final String CHAT = """
            {"model":"org/chat","messages":[{"role":"user","content":"hi"}]}""";
    private static final String EMBED = """
            {"model":"embed","input":"hi"}""";
    private static final List<GatewayFixture> GATEWAYS = new ArrayList<>();
    private static Upstream upstream;

    @BeforeAll
    static void start(@TempDir Path folder) {
        upstream = new Upstream(VERTX, "plain");
        String redis = TestServers.freshRedis();
        String postgres = TestServers.freshDatabase().url();
        for (String name : List.of("one", "two", "three")) {
            Path own = folder.resolve(name);
            assertThat(own.toFile().mkdirs()).isTrue();
            GatewayFixture gateway = new GatewayFixture(own, """
                    limits:
                      - {name: gold, per-minute: 10}
                      - {name: roomy, per-minute: 33}
                    routes:
                      - {name: plain, prefix: /plain, pool: {instances: [{name: one, url: "http://127.0.0.1:%1$d"}]}}
                      - {name: roomy, prefix: /roomy, pool: {instances: [{name: one, url: "http://127.0.0.1:%1$d"}]}}
                    redis: {url: "%2$s"}
                    """.formatted(upstream.port(), redis), redis, postgres);
            GATEWAYS.add(gateway);
            gateway.batching();
            var context = gateway.harness.context();
            Await.until(
                    "the stores answer",
                    () -> context.redis().available() && context.postgres().available());
        }
    }

    @AfterAll
    static void stop() {
        GATEWAYS.forEach(GatewayFixture::close);
        upstream.close();
        Await.result(VERTX.close());
    }

    @Test
    void generation() {
        String key = key("user", "");
        assertThat(admitted(110, gateway -> gateway.posting("/v1/chat/completions", CHAT, "Authorization", key)))
                .isEqualTo(100);
        for (GatewayFixture gateway : GATEWAYS) {
            HttpResponse<String> refused = gateway.post("/v1/chat/completions", CHAT, "Authorization", key);
            assertThat(refused.statusCode()).as("each refuses").isEqualTo(429);
            assertThat(header(refused, "x-ratelimit-window")).isEqualTo("minute");
            assertThat(Long.parseLong(header(refused, "retry-after"))).isBetween(1L, 63L);
        }
        String another = key("user", "");
        assertThat(GATEWAYS.getFirst()
                        .post("/v1/chat/completions", CHAT, "Authorization", another)
                        .statusCode())
                .as("another key at the same address")
                .isEqualTo(200);
    }

    @Test
    void lightWork() {
        String key = key("user", "");
        assertThat(admitted(215, gateway -> gateway.posting("/v1/embeddings", EMBED, "Authorization", key)))
                .isEqualTo(200);
    }

    @Test
    void lists() {
        assertThat(gets("/v1/models", key("user", ""), 40)).isEqualTo(30);
    }

    @Test
    void plainRoutes() {
        String key = key("user", "");
        assertThat(gets("/plain/x", key, 30)).isEqualTo(20);
        assertThat(gets("/roomy/x", key, 40)).as("a limit of its own").isEqualTo(33);
    }

    @Test
    void administration() {
        assertThat(gets("/api/admin/keys", key("admin", ""), 20)).isEqualTo(10);
    }

    @Test
    void figuresOfOperations() {
        String key = key("analyst", "");
        assertThat(gets("/api/performance/metrics", key, 110)).isEqualTo(100);
        assertThat(gets("/api/performance/cache/stats", key, 110)).isEqualTo(100);
    }

    @Test
    void invalidations() {
        String key = key("admin", "");
        String body = "{\"pattern\":\"api:users:*\"}";
        assertThat(admitted(
                        60,
                        gateway -> gateway.posting("/api/performance/cache/invalidate", body, "Authorization", key)))
                .isEqualTo(50);
    }

    @Test
    void aKeysOwnClass() {
        assertThat(gets("/v1/models", key("user", ",\"rateClass\":\"gold\""), 15))
                .as("all its operations together: asking whether it is known counted too")
                .isEqualTo(10 - GATEWAYS.size());
    }

    @Test
    void healthByAddressWhateverTheCallerSaysOfItself() {
        long admitted = 0;
        for (int i = 0; i < 4; i++) {
            admitted += admitted(
                    260, gateway -> gateway.request("/api/performance/health").build());
        }
        assertThat(admitted).isEqualTo(1_000);
        HttpResponse<String> refused =
                GATEWAYS.getFirst().get("/health", "X-Forwarded-For", "203.0.113.9", "Forwarded", "for=203.0.113.9");
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(header(refused, "x-ratelimit-window")).isEqualTo("hour");
        assertThat(GATEWAYS.getFirst().get("/health/simple").statusCode()).isEqualTo(200);
    }

    private static long gets(String path, String key, int calls) {
        return admitted(
                calls, gateway -> gateway.request(path, "Authorization", key).build());
    }

    /** Calls at once, spread over all gateways: how many were not refused for coming too often. */
    private static long admitted(int calls, Function<GatewayFixture, HttpRequest> request) {
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        for (int i = 0; i < calls; i++) {
            GatewayFixture gateway = GATEWAYS.get(i % GATEWAYS.size());
            answers.add(gateway.client().sendAsync(request.apply(gateway), BodyHandlers.ofString()));
        }
        List<Integer> statuses =
                answers.stream().map(answer -> answer.join().statusCode()).toList();
        assertThat(statuses).as("known everywhere").doesNotContain(401, 403, 404);
        return statuses.stream().filter(status -> status != 429).count();
    }

    /** A new key that all gateways know, with nothing counted yet. */
    private static String key(String role, String more) {
        HttpResponse<String> made = GATEWAYS.getFirst()
                .post("/api/admin/keys", "{\"name\":\"limited\",\"role\":\"" + role + "\"" + more + "}");
        assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
        String key = "Bearer " + new JsonObject(made.body()).getString("key");
        for (GatewayFixture gateway : GATEWAYS) {
            // An operation that is not counted anywhere else.
            Await.until(
                    "the key is known",
                    () -> gateway.get("/api/auth/session", "Authorization", key).statusCode() == 200);
        }
        return key;
    }
}
