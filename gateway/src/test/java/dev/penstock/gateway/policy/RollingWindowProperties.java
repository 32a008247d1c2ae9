package dev.penstock.gateway.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.gateway.policy.WindowSet.Decision;
import dev.penstock.gateway.policy.WindowSet.Limit;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class RollingWindowProperties {
    private static final long MINUTE = 60_000;

    @Property(tries = 300)
    void noWindowEverHoldsMoreThanTheLimit(
            @ForAll @Size(min = 1, max = 400) List<@IntRange(max = 4_000) Integer> gaps,
            @ForAll @IntRange(min = 1, max = 40) int limit) {
        WindowSet set = new WindowSet(List.of(new Limit("minute", MINUTE, limit)));
        List<Long> admitted = new ArrayList<>();
        long now = 1_000_000_007L;
        for (int gap : gaps) {
            now += gap;
            if (set.decide(now, 1).admitted()) {
                admitted.add(now);
            }
        }
        for (int i = 0; i + limit < admitted.size(); i++) {
            assertThat(admitted.get(i + limit) - admitted.get(i))
                    .as("request %d and the one %d later", i, limit)
                    .isGreaterThanOrEqualTo(MINUTE);
        }
    }

    @Property(tries = 300)
    void whoWaitsAsToldIsAdmittedAndNotAMomentEarlierThanNeeded(
            @ForAll @Size(min = 1, max = 100) List<@IntRange(max = 2_000) Integer> gaps,
            @ForAll @IntRange(min = 1, max = 10) int limit) {
        WindowSet set = new WindowSet(List.of(new Limit("minute", MINUTE, limit), new Limit("hour", 60 * MINUTE, 50)));
        long now = 77;
        for (int gap : gaps) {
            now += gap;
            Decision decision = set.decide(now, 1);
            if (!decision.admitted()) {
                assertThat(set.decide(now + decision.retryMillis() - 1, 1).admitted())
                        .isFalse();
                now += decision.retryMillis();
                assertThat(set.decide(now, 1).admitted()).isTrue();
            }
        }
    }
}
