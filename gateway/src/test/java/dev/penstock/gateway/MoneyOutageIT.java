package dev.penstock.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.testkit.Await;
import dev.penstock.testkit.Fault;
import dev.penstock.testkit.FaultProxy;
import dev.penstock.testkit.TestServers;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a hard budget does while Redis cannot be reached. */
class MoneyOutageIT {
    private static final String CHAT = """
            {"model":"org/chat","messages":[{"role":"user","content":"hi"}],"max_tokens":5}""";

    @TempDir
    Path folder;

    @Test
    void withoutRedisABudgetGoesOnFromWhatWasLeftAndIsWholeAgainAfterwards() {
        Vertx proxies = Vertx.vertx();
        URI real = URI.create(TestServers.freshRedis());
        FaultProxy redis = Await.result(FaultProxy.start(proxies, real.getHost(), real.getPort()));
        String url = real.toString().replace(real.getHost() + ":" + real.getPort(), "127.0.0.1:" + redis.port());
        String config = """
                redis: {url: "%s"}
                prices: [{model: org/chat, input: 0usd, output: 0usd, request: 0.01usd}]
                budgets: [{name: five, scope: all, period: total, limit: 0.05usd}]
                """.formatted(url);
        try (GatewayFixture gateway = new GatewayFixture(
                folder, config, url, TestServers.freshDatabase().url())) {
            gateway.batching();
            var context = gateway.harness.context();
            Await.until(
                    "the stores answer",
                    () -> context.redis().available() && context.postgres().available());
            assertThat(chat(gateway)).isEqualTo(200);
            assertThat(chat(gateway)).isEqualTo(200);
            // A settlement that the cut overtakes counts as set aside until it lapses.
            Await.until("both calls are settled", () -> spent(gateway) == 20_000_000L);
            Await.result(redis.set(Fault.CUT));
            Await.until("Redis is gone", () -> !context.redis().available());
            for (int i = 0; i < 3; i++) {
                assertThat(chat(gateway)).isEqualTo(200);
            }
            assertThat(chat(gateway)).as("no more than was left").isEqualTo(429);
            Await.result(redis.set(Fault.PASS));
            Await.until("Redis is back", () -> context.redis().available());
            Await.until("what was spent meanwhile is handed over", () -> spent(gateway) == 50_000_000L);
            assertThat(chat(gateway)).isEqualTo(429);
        } finally {
            Await.result(redis.close());
            Await.result(proxies.close());
        }
    }

    private static int chat(GatewayFixture gateway) {
        return gateway.post("/v1/chat/completions", CHAT).statusCode();
    }

    private static long spent(GatewayFixture gateway) {
        Long spent = new JsonObject(gateway.get("/api/admin/budgets/five").body()).getLong("spent_nanos");
        return spent == null ? 0 : spent;
    }
}
