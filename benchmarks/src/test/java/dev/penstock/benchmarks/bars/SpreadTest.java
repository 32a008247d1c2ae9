package dev.penstock.benchmarks.bars;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SpreadTest {
    @Test
    void oddNumberOfRounds_medianIsTheMiddleOne() {
        assertThat(Spread.of(3, 1, 2)).isEqualTo(new Spread(2, 1, 3, 3));
    }

    @Test
    void evenNumberOfRounds_medianIsBetweenTheMiddleTwo() {
        assertThat(Spread.of(4, 1, 2, 3).median()).isEqualTo(2.5);
    }

    @Test
    void text_namesMedianAndSpread() {
        assertThat(Spread.of(0.5, 0.7, 0.6).text(1)).isEqualTo("0.6 (0.5–0.7)");
    }
}
