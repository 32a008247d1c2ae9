package dev.penstock.common.pool.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.common.config.BreakerConfig;
import dev.penstock.common.config.ConfigLoader;
import org.junit.jupiter.api.Test;

class BreakerTest {
    private static final long MS = 1_000_000;
    private static final long SECOND = 1_000 * MS;

    @Test
    void opensForTheShareOfFailures_onlyWithEnoughCalls() {
        Breaker breaker = breaker("failures: 0, min-calls: 20, failure-percent: 50");
        for (int i = 0; i < 19; i++) {
            call(breaker, i % 2 == 0 ? Outcome.FAILURE : Outcome.SUCCESS, 0);
        }
        assertThat(breaker.state(0)).isEqualTo(Breaker.State.CLOSED);
        call(breaker, Outcome.FAILURE, 0);
        assertThat(breaker.state(0)).isEqualTo(Breaker.State.OPEN);
    }

    @Test
    void opensForSlowCalls() {
        Breaker breaker = breaker("slow: 100ms, min-calls: 10");
        for (int i = 0; i < 10; i++) {
            breaker.end(breaker.take(0), Outcome.SUCCESS, 200 * MS, 0);
        }
        assertThat(breaker.state(0)).isEqualTo(Breaker.State.OPEN);
    }

    @Test
    void vainTries_doubleTheWait_upToTheLongest() {
        Breaker breaker = breaker("failures: 1, reset: 5s, max-reset: 30s");
        call(breaker, Outcome.FAILURE, 0);
        long now = 0;
        for (long seconds : new long[] {5, 10, 20, 30, 30}) {
            assertThat(breaker.backInNanos(now)).isEqualTo(seconds * SECOND);
            assertThat(breaker.admits(now + seconds * SECOND - 1)).isFalse();
            now += seconds * SECOND;
            assertThat(breaker.admits(now)).isTrue();
            call(breaker, Outcome.FAILURE, now);
        }
    }

    @Test
    void halfOpen_letsRoundsOfOneTwoFourEightThrough_thenCloses() {
        Breaker breaker = breaker("failures: 1, reset: 5s");
        call(breaker, Outcome.FAILURE, 0);
        long now = 5 * SECOND;
        for (int round : new int[] {1, 2, 4, 8}) {
            int[] tickets = new int[round];
            for (int i = 0; i < round; i++) {
                assertThat(breaker.admits(now)).isTrue();
                tickets[i] = breaker.take(now);
            }
            assertThat(breaker.admits(now)).isFalse();
            for (int ticket : tickets) {
                breaker.end(ticket, Outcome.SUCCESS, MS, now);
            }
        }
        assertThat(breaker.state(now)).isEqualTo(Breaker.State.CLOSED);
    }

    @Test
    void halfOpen_aFailedProbe_opensAgain_andOldCallsSayNothing() {
        Breaker breaker = breaker("failures: 1, reset: 5s");
        int old = breaker.take(0);
        call(breaker, Outcome.FAILURE, 0);
        long now = 5 * SECOND;
        int probe = breaker.take(now);
        breaker.end(old, Outcome.SUCCESS, MS, now);
        assertThat(breaker.state(now)).isEqualTo(Breaker.State.HALF_OPEN);
        breaker.end(probe, Outcome.FAILURE, 0, now);
        assertThat(breaker.state(now)).isEqualTo(Breaker.State.OPEN);
    }

    @Test
    void halfOpen_aProbeThatNeverEnds_doesNotBlockTheNext() {
        Breaker breaker = breaker("failures: 1, reset: 5s");
        call(breaker, Outcome.FAILURE, 0);
        breaker.take(5 * SECOND);
        assertThat(breaker.admits(9 * SECOND)).isFalse();
        assertThat(breaker.admits(10 * SECOND)).isTrue();
    }

    private static void call(Breaker breaker, Outcome outcome, long now) {
        breaker.end(breaker.take(now), outcome, MS, now);
    }

    private static Breaker breaker(String yaml) {
        return new Breaker(ConfigLoader.section(BreakerConfig.class, "{" + yaml + "}"), () -> 0);
    }
}
