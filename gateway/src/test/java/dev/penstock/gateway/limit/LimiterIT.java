package dev.penstock.gateway.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.common.config.LimitClassConfig;
import dev.penstock.common.config.LimitScope;
import dev.penstock.common.telemetry.MicrometerTelemetry;
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
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Limits on a real Redis, shared by three gateways. */
class LimiterIT {
    private static final Caller ALICE = new Caller("key:a", "alice", "red", "10.0.0.1", null);
    private static final Caller BOB = new Caller("key:b", "bob", "red", "10.0.0.2", null);

    @TempDir
    Path folder;

    private ServiceHarness harness;

    @BeforeEach
    void start() {
        harness = ServiceHarness.with("", folder, TestServers.freshRedis(), "");
        Await.until("Redis is there", () -> harness.context().redis().available());
    }

    @AfterEach
    void stop() {
        harness.close();
    }

    @Test
    void threeGatewaysTogetherAdmitExactlyTheLimit() {
        List<Limiter> gateways = List.of(limiter(), limiter(), limiter());
        List<Future<Decision>> calls = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            calls.add(decide(gateways.get(i % 3), ALICE, "chat", OperationClass.AI));
        }
        List<Decision> decisions = calls.stream().map(Await::result).toList();
        List<Decision> admitted = decisions.stream().filter(Decision::admitted).toList();
        assertThat(admitted).hasSize(100);
        assertThat(admitted).extracting(Decision::limit).containsOnly(100L);
        assertThat(admitted)
                .extracting(Decision::remaining)
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, 100).mapToObj(n -> (long) n).toList());
        Decision refused = decisions.getLast();
        assertThat(refused.admitted()).isFalse();
        assertThat(refused.window()).isEqualTo("minute");
        assertThat(refused.retryMillis()).isBetween(55_000L, 63_000L);
        assertThat(refused.resetMillis()).isBetween(55_000L, 66_000L);
        assertThat(Await.result(decide(gateways.getFirst(), BOB, "chat", OperationClass.AI))
                        .remaining())
                .isEqualTo(99);
    }

    @Test
    void theTightestWindowRefusesAndIsNamed() {
        Limiter limiter = limiter(LimitClassConfig.requests("chat", 10, 2, 0));
        assertThat(Await.result(decide(limiter, ALICE, "chat", OperationClass.AI))
                        .remaining())
                .isEqualTo(1);
        Await.result(decide(limiter, ALICE, "chat", OperationClass.AI));
        Decision refused = Await.result(decide(limiter, ALICE, "chat", OperationClass.AI));
        assertThat(refused.admitted()).isFalse();
        assertThat(refused.window()).isEqualTo("hour");
        assertThat(refused.limit()).isEqualTo(2);
    }

    @Test
    void aTeamsLimitHoldsForAllItsKeysAndARefusalThereCostsTheKeyNothing() {
        Limiter limiter = limiter(
                LimitClassConfig.requests("chat", 5, 0, 0),
                new LimitClassConfig("all", LimitScope.TEAM, 0, 0, 7, 0, 0, 0, 0, 0, 0));
        assertThat(admitted(limiter, ALICE, 6)).isEqualTo(5);
        assertThat(admitted(limiter, BOB, 6)).isEqualTo(2);
        Limiter without = limiter(LimitClassConfig.requests("chat", 5, 0, 0));
        assertThat(admitted(without, BOB, 6))
                .as("what the team refused was not counted for the key")
                .isEqualTo(3);
    }

    @Test
    void usersAndAddressesAreCountedApart() {
        Limiter limiter = limiter(
                new LimitClassConfig("ai", LimitScope.USER, 0, 0, 3, 0, 0, 0, 0, 0, 0),
                new LimitClassConfig("ai", LimitScope.ADDRESS, 0, 0, 4, 0, 0, 0, 0, 0, 0));
        assertThat(admitted(limiter, ALICE, 9)).isEqualTo(3);
        Caller bobAtHers = new Caller("key:b", "bob", "red", "10.0.0.1", null);
        assertThat(admitted(limiter, bobAtHers, 9))
                .as("one is left to the address")
                .isEqualTo(1);
        assertThat(admitted(limiter, BOB, 9)).as("elsewhere bob has two more").isEqualTo(2);
    }

    @Test
    void theKeysOwnClassReplacesTheOperations() {
        Limiter limiter = limiter(LimitClassConfig.requests("gold", 150, 0, 0));
        Caller gold = new Caller("key:g", null, null, "10.0.0.1", "gold");
        assertThat(admitted(limiter, gold, 200)).isEqualTo(150);
        Caller unknown = new Caller("key:h", null, null, "10.0.0.1", "platinum");
        assertThat(admitted(limiter, unknown, 200)).isEqualTo(100);
    }

    @Test
    void aHighWindowIsLeasedAndStillExactInTheEnd() {
        Limiter one = limiter(LimitClassConfig.requests("chat", 3_000, 0, 0));
        Limiter two = limiter(LimitClassConfig.requests("chat", 3_000, 0, 0));
        int admitted = 0;
        for (int i = 0; i < 4_000; i++) {
            admitted += Await.result(decide(i % 2 == 0 ? one : two, ALICE, "chat", OperationClass.AI))
                            .admitted()
                    ? 1
                    : 0;
        }
        assertThat(admitted)
                .as("a refusal may come while the other holds the last lease")
                .isBetween(2_970, 3_000);
    }

    @Test
    void whatALeaseDidNotUseComesBack() {
        Limiter one = limiter(LimitClassConfig.requests("chat", 3_000, 0, 0));
        for (int i = 0; i < 150; i++) {
            Await.result(decide(one, ALICE, "chat", OperationClass.AI));
        }
        Limiter two = limiter(LimitClassConfig.requests("chat", 3_000, 0, 0));
        Await.until("all that was not used is there again", () -> {
            one.sweep();
            return one.leases() == 0;
        });
        Decision next = Await.result(decide(two, ALICE, "chat", OperationClass.AI));
        assertThat(next.remaining()).isEqualTo(3_000 - 151);
    }

    @Test
    void aSmoothedRateAdmitsItsBurstAndThenItsRate() {
        Limiter limiter = limiter(new LimitClassConfig("chat", LimitScope.KEY, 10, 5, 0, 0, 0, 0, 0, 0, 0));
        assertThat(admitted(limiter, ALICE, 20)).isBetween(5, 8);
        Decision refused = Await.result(decide(limiter, ALICE, "chat", OperationClass.AI));
        assertThat(refused.window()).isEqualTo("second");
        assertThat(refused.retryMillis()).isBetween(1L, 100L);
    }

    private static int admitted(Limiter limiter, Caller caller, int calls) {
        int admitted = 0;
        for (int i = 0; i < calls; i++) {
            admitted += Await.result(decide(limiter, caller, "chat", OperationClass.AI))
                            .admitted()
                    ? 1
                    : 0;
        }
        return admitted;
    }

    private static Future<Decision> decide(Limiter limiter, Caller caller, String operation, OperationClass of) {
        Allowance allowance = limiter.allowance(caller, operation, of);
        Decision known = allowance.now();
        return known == null ? allowance.ask() : Future.succeededFuture(known);
    }

    private Limiter limiter(LimitClassConfig... limits) {
        return new Limiter(
                harness.context().redis(),
                harness.context().membership(),
                Ticker.system(),
                new MicrometerTelemetry(),
                List.of(limits),
                true);
    }
}
