package dev.penstock.monitor.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.common.contract.AlertContract.Condition;
import dev.penstock.common.contract.SecurityContract.Kind;
import dev.penstock.common.contract.SecurityContract.SecurityEvent;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class SecurityConditionsTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    @Test
    void anEventHoldsItsConditionForFiveMinutesAfterTheLastAndEndsItOnce() {
        SecurityConditions conditions = new SecurityConditions();
        assertThat(conditions.news(event(Kind.ADDRESS_BLOCKED, NOW))).isTrue();
        conditions.add(event(Kind.ADDRESS_BLOCKED, NOW));
        conditions.add(event(Kind.ADDRESS_BLOCKED, NOW.plusSeconds(60)));
        assertThat(conditions.news(event(Kind.ADDRESS_BLOCKED, NOW))).isFalse();
        Condition held = conditions.at(NOW.plusSeconds(300)).getFirst();
        assertThat(held.active()).isTrue();
        assertThat(held.value()).isEqualTo(2.0);
        assertThat(held.description()).contains("203.0.113.7").contains("failures");
        assertThat(held.labels()).doesNotContainValue("203.0.113.7");
        assertThat(conditions.at(NOW.plusSeconds(360)).getFirst().active()).isFalse();
        assertThat(conditions.at(NOW.plusSeconds(361))).isEmpty();
    }

    @Test
    void everydayEventsRaiseNothing() {
        SecurityConditions conditions = new SecurityConditions();
        conditions.add(event(Kind.LOGIN_SUCCEEDED, NOW));
        conditions.add(event(Kind.AUTHENTICATION_FAILED, NOW));
        conditions.add(event(Kind.RATE_LIMITED, NOW));
        assertThat(conditions.at(NOW)).isEmpty();
    }

    private static SecurityEvent event(Kind kind, Instant at) {
        return new SecurityEvent(kind, at, "anonymous", "203.0.113.7", "c1", "failures");
    }
}
