package dev.penstock.gateway.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import dev.penstock.common.fault.Fault;
import dev.penstock.common.pool.Pool;
import dev.penstock.common.pool.PoolStatus;
import dev.penstock.common.pool.Selection;
import dev.penstock.common.pool.policy.Node;
import dev.penstock.testkit.Await;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A pool in front of real servers. */
class PoolTest {
    private final Backends backends = new Backends();

    @AfterEach
    void close() {
        backends.close();
    }

    @Test
    void roundRobin_threeInstances_eachGetsAThird() {
        Pool pool = backends.start(3).pool("balancing: round-robin");
        assertThat(backends.calls(pool, 300, 1, Selection.ANY))
                .isEqualTo(Map.of("a", 100, "b", 100, "c", 100, "200", 300));
    }

    @Test
    void weighted_sixThreeOne_getTheirShares() {
        Pool pool = backends.start(3).pool("balancing: weighted", 6, 3, 1);
        assertThat(backends.calls(pool, 200, 1, Selection.ANY))
                .isEqualTo(Map.of("a", 120, "b", 60, "c", 20, "200", 200));
    }

    @Test
    void leastConnections_aSlowInstance_getsFewerByItsSlowness() {
        Pool pool = backends.start(3).pool("balancing: least-connections");
        backends.get(0).delayMillis = 20;
        backends.get(1).delayMillis = 20;
        backends.get(2).delayMillis = 200;
        Map<String, Integer> counts = backends.calls(pool, 300, 9, Selection.ANY);
        assertThat(counts.get("c")).isLessThan(counts.get("a") / 3).isLessThan(counts.get("b") / 3);
    }

    @Test
    void hotCold_fiveTimesSlower_getsLittle() {
        Pool pool = backends.start(3).pool("balancing: hot-cold");
        backends.get(0).delayMillis = 20;
        backends.get(1).delayMillis = 20;
        backends.get(2).delayMillis = 100;
        Map<String, Integer> counts = backends.calls(pool, 400, 8, Selection.ANY);
        assertThat(counts.get("200")).isEqualTo(400);
        assertThat(counts.get("c")).isLessThan(60);
    }

    @Test
    void consistentHash_sameKey_sameInstance_andKeysSpread() {
        Pool pool = backends.start(3).pool("balancing: consistent-hash");
        Map<String, Integer> one = backends.calls(pool, 20, 1, Selection.of("user-7", null));
        assertThat(one).containsValue(20).hasSize(2);
        Set<String> homes = new HashSet<>();
        for (int i = 0; i < 30; i++) {
            homes.addAll(
                    backends.calls(pool, 1, 1, Selection.of("key-" + i, null)).keySet());
        }
        assertThat(homes).containsExactlyInAnyOrder("a", "b", "c", "200");
    }

    @Test
    void stopOneOfThree_atMostOneCallFails_andItReturnsWithinTheInterval() {
        Pool pool = backends.start(3).pool("balancing: round-robin\nhealth: {interval: 300ms}\nslow-start: 0ms");
        backends.calls(pool, 30, 1, Selection.ANY);
        backends.get(1).stop();
        Map<String, Integer> counts = backends.calls(pool, 200, 1, Selection.ANY);
        assertThat(counts.getOrDefault("502", 0)).isLessThanOrEqualTo(1);
        assertThat(counts.get("200")).isGreaterThanOrEqualTo(199);
        assertThat(states(pool)).containsEntry("b", Node.State.DOWN);

        int before = backends.get(1).calls.get();
        backends.get(1).start();
        Await.until("b is up", () -> states(pool).get("b") == Node.State.UP);
        backends.calls(pool, 30, 1, Selection.ANY);
        assertThat(backends.get(1).calls.get() - before).isEqualTo(10);
    }

    @Test
    void healthPath_aServerThatAnswers500ThereIsLeftOutWithoutAnyCall() {
        Pool pool = backends.start(2)
                .pool("balancing: round-robin\nhealth: {path: /health, interval: 100ms}\nslow-start: 0ms");
        backends.get(0).status = 500;
        Await.until("a is down", () -> states(pool).get("a") == Node.State.DOWN);
        assertThat(backends.calls(pool, 20, 2, Selection.ANY)).isEqualTo(Map.of("b", 20, "200", 20));
        assertThat(backends.get(0).calls).hasValue(0);
        backends.get(0).status = 200;
        Await.until("a is up", () -> states(pool).get("a") == Node.State.UP);
        assertThat(backends.calls(pool, 20, 1, Selection.ANY)).containsEntry("a", 10);
    }

    @Test
    void everythingDown_isRefusedInMillisecondsWithTheTimeToComeBack() {
        Pool pool = backends.start(2).pool("health: {interval: 1h}");
        backends.get(0).stop();
        backends.get(1).stop();
        backends.calls(pool, 2, 1, Selection.ANY);
        long slowest = 0;
        for (int i = 0; i < 200; i++) {
            long began = System.nanoTime();
            Fault fault = catchThrowableOfType(Fault.class, () -> pool.pick(Selection.ANY));
            // The first ones load classes.
            slowest = i < 50 ? 0 : Math.max(slowest, System.nanoTime() - began);
            assertThat(fault.status()).isEqualTo(503);
            assertThat(fault.retryAfter()).isGreaterThanOrEqualTo(Duration.ofSeconds(1));
        }
        assertThat(Duration.ofNanos(slowest)).isLessThan(Duration.ofMillis(10));
    }

    @Test
    void breaker_onlyInstanceFails_isNoLongerCalled_andProbesCloseItAgain() {
        Pool pool = backends.start(1).pool("breaker: {failures: 5, reset: 300ms}");
        backends.get(0).status = 500;
        Map<String, Integer> counts = backends.calls(pool, 50, 1, Selection.ANY);
        assertThat(counts).containsEntry("500", 5).containsEntry("503", 45);
        assertThat(backends.get(0).calls).hasValue(5);
        backends.get(0).status = 200;
        Await.until("closed again", () -> {
            backends.calls(pool, 1, 1, Selection.ANY);
            return states(pool).get("a") == Node.State.UP;
        });
        // Half open, it needed its rounds of 1, 2, 4 and 8 probes, and no more.
        assertThat(backends.get(0).calls.get() - 5).isEqualTo(15);
        assertThat(backends.telemetry.scrape()).contains("penstock_pool_changes_total{pool=\"p\",state=\"open\"} 1.0");
    }

    @Test
    void throttled_isPausedForAsLongAsItAsked_andIsNoFailure() {
        Pool pool = backends.start(2).pool("balancing: round-robin\noutlier: {failures: 1}");
        backends.get(0).status = 429;
        backends.get(0).headers = Map.of("retry-after", "60");
        Map<String, Integer> counts = backends.calls(pool, 40, 1, Selection.ANY);
        assertThat(counts).containsEntry("a", 1).containsEntry("b", 39);
        assertThat(states(pool)).containsEntry("a", Node.State.PAUSED);
        assertThat(pool.state().members().getFirst().failures()).isZero();
    }

    @Test
    void outlier_failsOftenInARow_isEjected_butNeverTheLastOne() {
        Pool pool = backends.start(2).pool("balancing: round-robin\nbreaker: {failures: 0}");
        backends.get(0).status = 500;
        backends.get(1).status = 500;
        backends.calls(pool, 30, 1, Selection.ANY);
        assertThat(states(pool).values()).containsExactlyInAnyOrder(Node.State.EJECTED, Node.State.OPEN);
    }

    @Test
    void affinityByCookie_twentyCallsStay_andMoveOnceWhenTheInstanceDies() {
        Pool pool = backends.start(3).pool("affinity: {by: cookie}\nbalancing: round-robin\nhealth: {interval: 1h}");
        Backends.Ended first = Await.result(backends.call(pool, Selection.of(null, "made-up")));
        assertThat(first.cookie()).isNotEmpty().isNotEqualTo("made-up");
        Map<String, Integer> stay = backends.calls(pool, 20, 1, Selection.of(null, first.cookie()));
        assertThat(stay).isEqualTo(Map.of(first.instance(), 20, "200", 20));

        backends.get(first.instance().charAt(0) - 'a').stop();
        backends.calls(pool, 1, 1, Selection.of(null, first.cookie()));
        Backends.Ended moved = Await.result(backends.call(pool, Selection.of(null, first.cookie())));
        assertThat(moved.status()).isEqualTo(200);
        assertThat(moved.instance()).isNotEqualTo(first.instance());
        assertThat(backends.calls(pool, 20, 1, Selection.of(null, moved.cookie())))
                .isEqualTo(Map.of(moved.instance(), 20, "200", 20));
    }

    @Test
    void affinityByHeader_movesWhenTheInstanceDies_andSticksEvenWhenItReturns() {
        Pool pool = backends.start(3)
                .pool("affinity: {by: header, name: x-session}\nhealth: {interval: 100ms}\nslow-start: 0ms");
        String first =
                Await.result(backends.call(pool, Selection.of(null, "s-1"))).instance();
        assertThat(backends.calls(pool, 20, 4, Selection.of(null, "s-1"))).isEqualTo(Map.of(first, 20, "200", 20));
        Backends.Backend home = backends.get(first.charAt(0) - 'a');
        home.stop();
        Await.until("a call met nobody there", () -> {
            backends.calls(pool, 1, 1, Selection.of(null, "s-1"));
            return states(pool).get(first) == Node.State.DOWN;
        });
        String second =
                Await.result(backends.call(pool, Selection.of(null, "s-1"))).instance();
        assertThat(second).isNotEqualTo(first);
        home.start();
        Await.until("it is back", () -> states(pool).get(first) == Node.State.UP);
        assertThat(backends.calls(pool, 20, 1, Selection.of(null, "s-1"))).isEqualTo(Map.of(second, 20, "200", 20));
    }

    @Test
    void aThousandCalls_openNoMoreConnectionsThanThePoolHas() {
        Pool pool = backends.start(1).pool("connections: {max: 4, max-waiting: 50}");
        backends.get(0).delayMillis = 1;
        assertThat(backends.calls(pool, 1000, 20, Selection.ANY)).containsEntry("200", 1000);
        assertThat(backends.get(0).connections.get()).isLessThanOrEqualTo(4);
        assertThat(backends.telemetry.scrape()).contains("penstock_pool_connections{pool=\"p\",use=\"max\"} 4.0");
    }

    @Test
    void moreThanConnectionsAndQueueHold_isRefusedAtOnce() {
        Pool pool = backends.start(1).pool("connections: {max: 2, max-waiting: 3}");
        backends.get(0).delayMillis = 300;
        Map<String, Integer> counts = backends.calls(pool, 8, 8, Selection.ANY);
        assertThat(counts).containsEntry("200", 5).containsEntry("503", 3);
    }

    @Test
    void flapping_costsAtMostOneCallEachTime() {
        Pool pool = backends.start(2).pool("balancing: round-robin\nhealth: {interval: 50ms}\nslow-start: 0ms");
        int failed = 0;
        for (int i = 0; i < 3; i++) {
            backends.get(0).stop();
            failed += backends.calls(pool, 40, 1, Selection.ANY).getOrDefault("502", 0);
            backends.get(0).start();
            Await.until("it is back", () -> states(pool).get("a") == Node.State.UP);
            assertThat(backends.calls(pool, 40, 1, Selection.ANY).getOrDefault("502", 0))
                    .isZero();
        }
        assertThat(failed).isLessThanOrEqualTo(3);
    }

    @Test
    void retries_inAFullOutage_stayWithinTheBudget() {
        Pool pool = backends.start(2).pool("breaker: {failures: 0, min-calls: 100000}\noutlier: {failures: 0}");
        backends.get(0).status = 500;
        backends.get(1).status = 500;
        int requests = 1000;
        for (int i = 0; i < requests; i++) {
            Backends.Ended ended = Await.result(backends.call(pool, Selection.ANY));
            if (pool.retryAllowed()) {
                Await.result(backends.call(pool, Selection.ANY.after(ended.instance())));
            }
        }
        double amplification =
                (backends.get(0).calls.get() + backends.get(1).calls.get()) / (double) requests;
        assertThat(amplification).isLessThanOrEqualTo(1.11).isCloseTo(1.1, within(0.02));
    }

    @Test
    void repetition_goesElsewhere() {
        Pool pool = backends.start(3).pool("balancing: consistent-hash");
        String first =
                Await.result(backends.call(pool, Selection.of("k", null))).instance();
        Selection again = Selection.of("k", null).after(first);
        assertThat(backends.calls(pool, 10, 1, again)).doesNotContainKey(first);
    }

    private static Map<String, Node.State> states(Pool pool) {
        return pool.state().members().stream().collect(Collectors.toMap(PoolStatus.Member::name, m -> m.state()));
    }
}
