package dev.penstock.common.pool.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.common.pool.policy.InstanceChoice.Candidate;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class InstanceChoiceTest {
    private static final double MS = 1e6;

    @Test
    void choose_nothingUsable_isNone() {
        assertThat(InstanceChoice.choose(List.of(), 0)).isEqualTo(-1);
        assertThat(InstanceChoice.choose(List.of(new Candidate(false, 0, 1, 1)), 3))
                .isEqualTo(-1);
    }

    @Test
    void choose_slowInstance_getsLessThanFast() {
        Candidate fast = new Candidate(true, 3, 10 * MS, 1);
        Candidate slow = new Candidate(true, 0, 50 * MS, 1);

        assertThat(InstanceChoice.choose(List.of(slow, fast), 0)).isEqualTo(1);
    }

    @Test
    void choose_fresh_isTriedAtOnceButNotFloodedBeforeItAnswered() {
        Candidate known = new Candidate(true, 0, 10 * MS, 1);

        assertThat(InstanceChoice.choose(List.of(known, new Candidate(true, 0, 0, 1)), 0))
                .isEqualTo(1);
        assertThat(InstanceChoice.choose(List.of(known, new Candidate(true, 1, 0, 1)), 0))
                .isEqualTo(0);
    }

    @Test
    void choose_mostLoadedOfMany_isHotEvenIfItIsTheFastest() {
        List<Candidate> many = IntStream.range(0, 8)
                .mapToObj(i -> i == 0 ? new Candidate(true, 9, MS, 1) : new Candidate(true, 2, 100 * MS, 1))
                .toList();

        assertThat(InstanceChoice.choose(many, 0)).isNotEqualTo(0);
    }

    @Test
    void choose_weight_countsAsCapacity() {
        Candidate small = new Candidate(true, 1, 10 * MS, 1);
        Candidate large = new Candidate(true, 3, 10 * MS, 4);

        assertThat(InstanceChoice.choose(List.of(small, large), 0)).isEqualTo(1);
    }

    @Test
    void choose_equals_rotates() {
        Candidate same = new Candidate(true, 0, 0, 1);
        List<Candidate> three = List.of(same, same, same);

        assertThat(IntStream.range(0, 6).map(turn -> InstanceChoice.choose(three, turn)))
                .containsExactly(0, 1, 2, 0, 1, 2);
    }
}
