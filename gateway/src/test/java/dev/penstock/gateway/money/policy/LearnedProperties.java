package dev.penstock.gateway.money.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

class LearnedProperties {
    @Property
    void nineOfTenAnswersAreNotLongerThanTheGuessAndTheGuessIsNotFarAbove(
            @ForAll @Size(min = 10, max = 900) List<@LongRange(min = 1, max = 100_000) Long> answers) {
        Learned learned = new Learned();
        answers.forEach(tokens -> learned.saw(100, 25, tokens));
        List<Long> sorted = answers.stream().sorted().toList();
        long percentile = sorted.get((int) ((sorted.size() * 9L + 9) / 10) - 1);
        assertThat(learned.usualAnswer()).isBetween(percentile, percentile + Math.max(1, percentile / 4 + 1));
    }

    @Property
    void aGuessIsNeverNegativeWhateverWasSeen(
            @ForAll @LongRange(min = -5, max = Integer.MAX_VALUE) long bytes,
            @ForAll @LongRange(min = -5, max = Integer.MAX_VALUE) long read,
            @ForAll @LongRange(min = -5, max = Long.MAX_VALUE / 4) long written) {
        Learned learned = new Learned();
        for (int i = 0; i < 20; i++) {
            learned.saw(bytes, read, written);
        }
        assertThat(learned.tokensOf(bytes)).isNotNegative();
        assertThat(learned.usualAnswer()).isPositive();
    }

    @Example
    void theRatioOfBytesAndTokensFollowsWhatWasCounted() {
        Learned learned = new Learned();
        assertThat(learned.tokensOf(4_000)).isEqualTo(1_000);
        for (int i = 0; i < 200; i++) {
            learned.saw(4_000, 2_000, 1);
        }
        assertThat(learned.tokensOf(4_000)).isBetween(1_950L, 2_000L);
    }
}
