package dev.penstock.cache.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class TierGateTest {
    private final TierGate gate = new TierGate(3, 100);

    @Test
    void open_afterFailuresInARow_restsAndThenLetsOneTry() {
        gate.failed(0);
        gate.failed(0);
        assertThat(gate.open(1)).isTrue();
        gate.failed(1);

        assertThat(gate.open(2)).isFalse();
        assertThat(gate.open(101)).as("one tries").isTrue();
        assertThat(gate.open(102)).as("the others wait for it").isFalse();
        gate.succeeded();
        assertThat(gate.open(103)).isTrue();
    }

    @Test
    void open_successBetweenFailures_keepsItOpen() {
        for (int i = 0; i < 10; i++) {
            gate.failed(i);
            gate.succeeded();
        }

        assertThat(gate.open(10)).isTrue();
    }

    @Test
    void jittered_staysBetweenNineTenthsAndTheWhole() {
        Duration ttl = Duration.ofSeconds(100);

        assertThat(Lifetime.jittered(ttl, 0)).isEqualTo(ttl);
        assertThat(Lifetime.jittered(ttl, 0.999_999)).isBetween(Duration.ofSeconds(90), Duration.ofSeconds(91));
        assertThat(Lifetime.jittered(Duration.ofDays(90), 0)).isEqualTo(Lifetime.LONGEST);
    }
}
