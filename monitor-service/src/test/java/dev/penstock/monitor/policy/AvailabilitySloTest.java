package dev.penstock.monitor.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.common.config.SloConfig;
import dev.penstock.monitor.policy.AvailabilitySlo.Ratio;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class AvailabilitySloTest {
    private final AvailabilitySlo slo =
            new AvailabilitySlo(new SloConfig(99.9, Duration.ofMinutes(1), Duration.ofSeconds(10), 144, 20));

    @Test
    void aBurnInBothWindowsIsABreach() {
        var state = slo.judge(new Ratio(600, 120), new Ratio(100, 20));

        assertThat(state.breached()).isTrue();
        assertThat(state.burn()).isCloseTo(200, org.assertj.core.api.Assertions.within(0.01));
    }

    @Test
    void aShortBurstAloneIsNone() {
        assertThat(slo.judge(new Ratio(6000, 50), new Ratio(100, 50)).breached())
                .isFalse();
    }

    @Test
    void fewRequestsAreNoEvidence() {
        assertThat(slo.judge(new Ratio(19, 19), new Ratio(19, 19)).breached()).isFalse();
    }

    @Test
    void aBreachEndsOnlyWhenTheShortWindowIsClearlyBelowTheThreshold() {
        slo.judge(new Ratio(600, 300), new Ratio(100, 50));

        assertThat(slo.judge(new Ratio(600, 300), new Ratio(1000, 135)).breached())
                .isTrue();
        assertThat(slo.judge(new Ratio(600, 300), new Ratio(1000, 100)).breached())
                .isFalse();
    }

    @Test
    void theThresholdNeverAsksForMoreThanMostRequestsToFail() {
        var loose = new AvailabilitySlo(new SloConfig(99, Duration.ofMinutes(1), Duration.ofSeconds(10), 144, 20));

        assertThat(loose.threshold()).isEqualTo(0.8);
    }

    @Test
    void objectiveAndThresholdReadAsTheyWereSet() {
        assertThat(slo.judge(new Ratio(0, 0), new Ratio(0, 0)).objective()).isEqualTo(0.999);
        assertThat(slo.threshold()).isEqualTo(0.144);
    }

    @Test
    void noTrafficLeavesBurnUnknown() {
        assertThat(slo.judge(new Ratio(0, 0), new Ratio(0, 0)).burn()).isNull();
    }
}
