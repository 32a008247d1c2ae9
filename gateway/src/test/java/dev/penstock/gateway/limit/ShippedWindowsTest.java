package dev.penstock.gateway.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.common.cluster.StandaloneMembership;
import dev.penstock.common.store.AbsentRedis;
import dev.penstock.common.telemetry.MicrometerTelemetry;
import dev.penstock.gateway.policy.OperationClass;
import dev.penstock.gateway.policy.WindowSet.Decision;
import dev.penstock.testkit.ManualClock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The shipped limits, call by call in time that the test moves. */
class ShippedWindowsTest {
    private static final Caller ALICE = new Caller("key:a", "alice", "red", "10.0.0.1", null);
    private static final Caller BOB = new Caller("key:b", "bob", "red", "10.0.0.1", null);

    @ParameterizedTest
    @CsvSource({
        "chat, AI, minute, 100",
        "chat, AI, hour, 1000",
        "chat, AI, day, 10000",
        "embeddings, ANALYSIS, minute, 200",
        "embeddings, ANALYSIS, hour, 2000",
        "embeddings, ANALYSIS, day, 20000",
        "models, REFERENCE, minute, 30",
        "models, REFERENCE, hour, 300",
        "models, REFERENCE, day, 1000",
        "shop, UPSTREAM, minute, 20",
        "shop, UPSTREAM, hour, 100",
        "shop, UPSTREAM, day, 500",
        "admin, ADMIN, minute, 10",
        "admin, ADMIN, hour, 50",
        "admin, ADMIN, day, 200",
        "default, DEFAULT, minute, 100",
        "default, DEFAULT, hour, 1000",
        "health, DEFAULT, hour, 1000",
        "metrics, DEFAULT, minute, 100",
        "metrics, DEFAULT, hour, 500",
        "cache-stats, DEFAULT, minute, 100",
        "cache-stats, DEFAULT, hour, 200",
        "cache-invalidate, DEFAULT, hour, 50",
        "ml-optimize, DEFAULT, hour, 10",
    })
    void theCallAfterTheLastIsRefusedByTheWindowThatBinds(
            String operation, OperationClass of, String window, int most) {
        ManualClock clock = new ManualClock();
        Limiter limiter = new Limiter(
                new AbsentRedis(), new StandaloneMembership(), clock, new MicrometerTelemetry(), List.of(), false);
        // As slowly as still lets all of them fall into one window: so the shorter ones do not bind.
        Duration step = length(window).multipliedBy(93).dividedBy(100L * most);
        for (int i = 0; i < most; i++) {
            assertThat(decide(limiter, ALICE, operation, of).admitted())
                    .as("call %d", i + 1)
                    .isTrue();
            clock.advance(step);
        }
        Decision refused = decide(limiter, ALICE, operation, of);
        assertThat(refused.admitted()).isFalse();
        assertThat(refused.window()).isEqualTo(window);
        assertThat(refused.limit()).isEqualTo(most);
        assertThat(decide(limiter, BOB, operation, of).admitted())
                .as("somebody else at the same address")
                .isTrue();
        clock.advance(Duration.ofMillis(refused.retryMillis()));
        assertThat(decide(limiter, ALICE, operation, of).admitted())
                .as("when it said")
                .isTrue();
    }

    private static Duration length(String window) {
        return switch (window) {
            case "minute" -> Duration.ofMinutes(1);
            case "hour" -> Duration.ofHours(1);
            default -> Duration.ofDays(1);
        };
    }

    private static Decision decide(Limiter limiter, Caller caller, String operation, OperationClass of) {
        Allowance allowance = limiter.allowance(caller, operation, of);
        Decision decision = allowance == null ? null : allowance.now();
        assertThat(decision).isNotNull();
        return decision;
    }
}
