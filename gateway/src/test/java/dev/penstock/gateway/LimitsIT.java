package dev.penstock.gateway;

import static dev.penstock.gateway.EmbeddingsTest.header;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.common.contract.MonitorContract.Status;
import dev.penstock.testkit.Await;
import dev.penstock.testkit.Fault;
import dev.penstock.testkit.FaultProxy;
import dev.penstock.testkit.TestServers;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a key with limits sees, with a real Postgres and a real Redis that can be cut off. */
class LimitsIT {
    private static final String CHAT = """
            {"model":"org/chat","messages":[{"role":"user","content":"hi"}]}""";
    private static final String LIMITS = """
            limits:
              - {name: models, per-minute: 10}
              - {name: chat, per-hour: 1}
            """;

    @TempDir
    Path folder;

    private final Vertx proxies = Vertx.vertx();
    private FaultProxy redis;
    private GatewayFixture gateway;
    private String key;

    @BeforeEach
    void start() {
        URI real = URI.create(TestServers.freshRedis());
        redis = Await.result(FaultProxy.start(proxies, real.getHost(), real.getPort()));
        String url = real.toString().replace(real.getHost() + ":" + real.getPort(), "127.0.0.1:" + redis.port());
        gateway = new GatewayFixture(
                folder,
                LIMITS + "redis: {url: \"" + url + "\"}\n",
                url,
                TestServers.freshDatabase().url());
        var context = gateway.harness.context();
        Await.until(
                "the stores answer",
                () -> context.redis().available() && context.postgres().available());
        HttpResponse<String> made = gateway.post("/api/admin/keys", "{\"name\":\"limited\",\"role\":\"user\"}");
        assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
        key = "Bearer " + new JsonObject(made.body()).getString("key");
        Await.until("the key is known", () -> models().statusCode() == 200);
    }

    @AfterEach
    void stop() {
        gateway.close();
        Await.result(redis.close());
        Await.result(proxies.close());
    }

    @Test
    void aKeyWithLimitsSeesWhatIsLeftAndWhenToComeBack() {
        HttpResponse<String> first = models();
        long left = Long.parseLong(header(first, "x-ratelimit-remaining-requests"));
        assertThat(header(first, "x-ratelimit-limit-requests")).isEqualTo("10");
        assertThat(header(first, "x-ratelimit-reset-requests")).matches("(1m)?[0-9]+m?s");
        for (long i = left; i > 0; i--) {
            assertThat(models().statusCode()).isEqualTo(200);
        }
        HttpResponse<String> refused = models();

        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(header(refused, "x-ratelimit-remaining-requests")).isEqualTo("0");
        long millis = Long.parseLong(header(refused, "retry-after-ms"));
        assertThat(millis).isBetween(1L, 63_000L);
        assertThat(header(refused, "retry-after")).isEqualTo(Long.toString((millis + 999) / 1000));
        assertThat(header(refused, "x-should-retry")).isEqualTo(millis > 60_000 ? "false" : "");
        JsonObject error = new JsonObject(refused.body()).getJsonObject("error");
        assertThat(error.getString("code")).isEqualTo("rate_limit_exceeded");
        assertThat(error.getString("type")).isEqualTo("requests");
        assertThat(error.getString("message")).contains("10 requests per minute");
    }

    @Test
    void aWaitThatIsLongIsNoReasonForTheSdkToRetry() {
        gateway.batching();
        assertThat(chat().statusCode()).isEqualTo(200);
        HttpResponse<String> refused = chat();
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(header(refused, "x-should-retry")).isEqualTo("false");
        assertThat(Long.parseLong(header(refused, "retry-after"))).isGreaterThan(3000);
    }

    @Test
    void limitsGoOnWhileRedisIsAwayAndNobodySeesAnError() {
        HttpResponse<String> before = models();
        long left = Long.parseLong(header(before, "x-ratelimit-remaining-requests"));
        Await.result(redis.set(Fault.CUT));
        int admitted = 0;
        int status = 200;
        while (status == 200) {
            status = models().statusCode();
            admitted += status == 200 ? 1 : 0;
        }
        assertThat(status).isEqualTo(429);
        assertThat(admitted).as("what was counted before counts on").isEqualTo((int) left);
        Await.until(
                "health tells",
                () -> gateway.harness.context().health().report().checks().stream()
                        .anyMatch(check -> check.name().equals("limits") && check.status() == Status.DEGRADED));
        Await.result(redis.set(Fault.PASS));
        Await.until("Redis is back", () -> gateway.harness.context().redis().available());
        assertThat(models().statusCode()).isIn(200, 429);
    }

    @Test
    void aRedisThatOnlyStallsDoesNotStopRequests() {
        models();
        Await.result(redis.set(Fault.STALL));
        long start = System.nanoTime();
        assertThat(models().statusCode()).isEqualTo(200);
        assertThat(System.nanoTime() - start).isLessThan(2_000_000_000L);
    }

    private HttpResponse<String> models() {
        return gateway.get("/v1/models", "Authorization", key);
    }

    private HttpResponse<String> chat() {
        return gateway.post("/v1/chat/completions", CHAT, "Authorization", key);
    }
}
