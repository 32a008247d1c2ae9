package dev.penstock.gateway.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.common.config.LimitClassConfig;
import dev.penstock.common.time.Ticker;
import dev.penstock.gateway.policy.OperationClass;
import dev.penstock.gateway.policy.WindowSet.Decision;
import dev.penstock.testkit.Await;
import dev.penstock.testkit.ServiceHarness;
import dev.penstock.testkit.TestServers;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script on a real Redis decides as the windows in the heap do. */
class LimiterIT {
    @TempDir
    Path folder;

    @Test
    void threeGatewaysTogetherAdmitExactlyTheLimit() {
        try (ServiceHarness harness = ServiceHarness.with("", folder, TestServers.freshRedis(), "")) {
            Await.until("Redis is there", () -> harness.context().redis().available());
            List<Limiter> gateways = List.of(limiter(harness), limiter(harness), limiter(harness));
            List<Future<Decision>> calls = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                calls.add(gateways.get(i % 3).decide("key", "chat", OperationClass.AI));
            }
            List<Decision> decisions = calls.stream().map(Await::result).toList();
            List<Decision> admitted =
                    decisions.stream().filter(Decision::admitted).toList();
            assertThat(admitted).hasSize(100);
            assertThat(admitted).extracting(Decision::limit).containsOnly(100L);
            assertThat(admitted).extracting(Decision::remaining).contains(99L, 50L, 0L);
            Decision refused = decisions.getLast();
            assertThat(refused.admitted()).isFalse();
            assertThat(refused.window()).isEqualTo("minute");
            assertThat(refused.retryMillis()).isBetween(55_000L, 63_000L);
            assertThat(refused.resetMillis()).isBetween(55_000L, 66_000L);
            Decision other = Await.result(gateways.getFirst().decide("another", "chat", OperationClass.AI));
            assertThat(other.remaining()).isEqualTo(99);
        }
    }

    @Test
    void theTightestWindowRefusesAndIsNamed() {
        try (ServiceHarness harness = ServiceHarness.with("", folder, TestServers.freshRedis(), "")) {
            Await.until("Redis is there", () -> harness.context().redis().available());
            Limiter limiter = new Limiter(
                    harness.context().redis(),
                    harness.context().membership(),
                    Ticker.system(),
                    List.of(LimitClassConfig.requests("chat", 10, 2, 0)),
                    true);
            assertThat(Await.result(limiter.decide("k", "chat", OperationClass.AI))
                            .remaining())
                    .isEqualTo(1);
            Await.result(limiter.decide("k", "chat", OperationClass.AI));
            Decision refused = Await.result(limiter.decide("k", "chat", OperationClass.AI));
            assertThat(refused.admitted()).isFalse();
            assertThat(refused.window()).isEqualTo("hour");
            assertThat(refused.limit()).isEqualTo(2);
        }
    }

    private static Limiter limiter(ServiceHarness harness) {
        return new Limiter(harness.context().redis(), harness.context().membership(), Ticker.system(), List.of(), true);
    }
}
