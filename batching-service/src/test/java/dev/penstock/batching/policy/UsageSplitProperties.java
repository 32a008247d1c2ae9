package dev.penstock.batching.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

class UsageSplitProperties {
    @Property
    void partsAddUpAndNoneIsOffByMoreThanOne(
            @ForAll @LongRange(max = UsageSplit.MOST) long total,
            @ForAll @Size(min = 1, max = 64) @IntRange int[] weights) {
        long[] parts = UsageSplit.split(total, weights);

        double sum =
                Arrays.stream(weights).mapToLong(weight -> Math.max(1, weight)).sum();
        assertThat(Arrays.stream(parts).sum()).isEqualTo(total);
        for (int i = 0; i < parts.length; i++) {
            assertThat(Math.abs(parts[i] - total * (Math.max(1, weights[i]) / sum)))
                    .isLessThan(1.001);
        }
    }
}
