package dev.penstock.monitor.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class ConfigAgreementTest {
    private static final Map<String, String> SAME = Map.of("g1", "aaaaaaaaaaaa", "g2", "aaaaaaaaaaaa");
    private static final Map<String, String> OTHER =
            Map.of("g1", "aaaaaaaaaaaa", "g2", "bbbbbbbbbbbb", "b1", "aaaaaaaaaaaa");

    private final ConfigAgreement agreement = new ConfigAgreement();

    @Test
    void membersThatDifferForMoreThanAMinuteAreNamedUntilTheyAgree() {
        assertThat(agreement.look(SAME, 0)).isNull();
        assertThat(agreement.look(OTHER, 1_000)).isNull();
        assertThat(agreement.look(OTHER, 61_000)).isNull();
        assertThat(agreement.look(OTHER, 61_001))
                .isEqualTo("configuration differs: b1, g1 with aaaaaaaa; g2 with bbbbbbbb");
        assertThat(agreement.told()).isNotNull();
        assertThat(agreement.look(SAME, 62_000)).isNull();
        assertThat(agreement.told()).isNull();
    }

    @Test
    void aReloadThatReachesThemOneAfterTheOtherIsNoDifference() {
        assertThat(agreement.look(OTHER, 0)).isNull();
        assertThat(agreement.look(SAME, 59_000)).isNull();
        assertThat(agreement.look(OTHER, 60_500)).isNull();
        assertThat(agreement.look(OTHER, 120_500)).isNull();
        assertThat(agreement.look(OTHER, 120_501)).isNotNull();
    }

    @Test
    void aMemberWithoutAFileDiffersFromNobody() {
        Map<String, String> one = Map.of("g1", "aaaaaaaaaaaa", "g2", "");
        agreement.look(one, 0);
        assertThat(agreement.look(one, 600_000)).isNull();
    }
}
