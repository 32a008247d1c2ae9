package dev.penstock.gateway.auth.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class LoginThrottleTest {
    private static final long SECOND = 1_000_000_000L;

    private final LoginThrottle throttle = new LoginThrottle();
    private long now = -5 * SECOND;

    @Test
    void theWaitDoublesUpToHalfAMinuteAndIsNeverALock() {
        for (int i = 0; i < LoginThrottle.FREE; i++) {
            assertThat(throttle.wait("ann", "a", now)).isZero();
            throttle.failed("ann", "a", now);
        }
        for (long seconds : new long[] {1, 2, 4, 8, 16, 30, 30}) {
            assertThat(throttle.wait("Ann", "a", now)).isEqualTo(Duration.ofSeconds(seconds));
            now += seconds * SECOND;
            assertThat(throttle.wait("ann", "a", now)).isZero();
            throttle.failed("ANN", "a", now);
        }
    }

    @Test
    void whoFailsInSomebodysNameKeepsThemOutFromNowhereElse() {
        for (int i = 0; i < 1_000; i++) {
            throttle.failed("ann", "attacker", now);
        }
        assertThat(throttle.wait("ann", "attacker", now)).isEqualTo(LoginThrottle.LONGEST);
        assertThat(throttle.wait("ann", "home", now)).isZero();
        assertThat(throttle.wait("ben", "attacker", now)).isZero();
    }

    @Test
    void aRightPasswordOrAQuietQuarterOfAnHourEndsIt() {
        for (int i = 0; i < 10; i++) {
            throttle.failed("ann", "a", now);
            throttle.failed("ben", "a", now);
        }
        throttle.succeeded("ann", "a");
        assertThat(throttle.wait("ann", "a", now)).isZero();
        now += Duration.ofMinutes(15).toNanos();
        throttle.failed("ben", "a", now);
        assertThat(throttle.wait("ben", "a", now)).isZero();
    }
}
