package dev.penstock.gateway.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.common.config.ConfigLoader;
import dev.penstock.common.config.RegistryConfig;
import dev.penstock.common.pool.Registry;
import dev.penstock.common.store.Redis;
import dev.penstock.common.store.VertxRedis;
import dev.penstock.common.time.Ticker;
import dev.penstock.testkit.Await;
import dev.penstock.testkit.TestServers;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two gateways' registries over one real Redis. */
class RegistryIT {
    private final Vertx vertx = Vertx.vertx();
    private Redis redis;
    private Registry here;
    private Registry there;

    @BeforeEach
    void start() {
        String yaml = "redis: {url: \"" + TestServers.freshRedis() + "\"}";
        redis = VertxRedis.open(
                vertx, ConfigLoader.parse(yaml, Map.of()).orThrow().redis());
        Await.until("Redis is there", redis::available);
        here = registry();
        there = registry();
    }

    @AfterEach
    void stop() {
        here.stop();
        there.stop();
        Await.result(redis.close());
        Await.result(vertx.close());
    }

    @Test
    void whatRegistersAtOneGateway_isKnownAtTheOtherWithinTwoSeconds_andGoesWithItsLease() {
        assertThat(here.shared()).isTrue();
        Await.result(here.register("echo", "http://10.0.0.1:80", 2));
        Await.until(
                "the other knows", Duration.ofSeconds(2), () -> there.entries().size() == 1);
        Registry.Entry entry = there.entries().getFirst();
        assertThat(entry.weight()).isEqualTo(2);
        assertThat(entry.left()).isBetween(Duration.ofMillis(500), Duration.ofSeconds(3));
        Await.until(
                "its lease is over at both",
                () -> here.entries().isEmpty() && there.entries().isEmpty());
    }

    @Test
    void aHeartbeatAtTheOtherGateway_keepsItAtBoth_andRemovalIsSeenByBoth() {
        Await.result(here.register("echo", "http://10.0.0.1:80", 1));
        Await.until("the other knows", () -> there.entries().size() == 1);
        long end = System.nanoTime() + Duration.ofSeconds(4).toNanos();
        Await.until("longer than a lease", () -> {
            Await.result(there.register("echo", "http://10.0.0.1:80", 1));
            assertThat(here.entries()).hasSize(1);
            return System.nanoTime() - end > 0;
        });
        assertThat(Await.result(there.remove("echo", "10.0.0.1:80"))).isTrue();
        assertThat(there.entries()).isEmpty();
        Await.until(
                "the first knows", Duration.ofSeconds(2), () -> here.entries().isEmpty());
    }

    @Test
    void theBoundOfAPool_holdsOverTheGateways() {
        Await.result(here.register("echo", "http://10.0.0.1:80", 1));
        Await.result(there.register("echo", "http://10.0.0.2:80", 1));
        assertThat(Await.failure(here.register("echo", "http://10.0.0.3:80", 1)))
                .hasMessageContaining("2 instances");
    }

    private Registry registry() {
        String yaml = "{pools: [echo], allow: [10.0.0.0/8], lease: 3s, max-instances: 2}";
        Registry registry =
                new Registry(vertx, redis, ConfigLoader.section(RegistryConfig.class, yaml), Ticker.system());
        registry.start();
        return registry;
    }
}
