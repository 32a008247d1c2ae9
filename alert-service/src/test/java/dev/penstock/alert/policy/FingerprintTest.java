package dev.penstock.alert.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** Vectors computed by Alertmanager itself. */
class FingerprintTest {
    @Test
    void noLabelsGiveTheOffsetBasis() {
        assertThat(Fingerprint.of(Map.of())).isEqualTo("cbf29ce484222325");
    }

    @Test
    void equalsAlertmanagersFingerprint() {
        assertThat(Fingerprint.of("test", Map.of())).isEqualTo("1f56cb8f931d1bd4");
        assertThat(Fingerprint.of(
                        "SlaLatencyBreach", Map.of("service", "gateway", "severity", "critical", "cluster", "c1")))
                .isEqualTo("2792cd9304a0a6c8");
    }

    @Test
    void aLabelWithoutValueCountsAsAbsent() {
        assertThat(Fingerprint.of("test", Map.of("team", ""))).isEqualTo(Fingerprint.of("test", Map.of()));
    }
}
