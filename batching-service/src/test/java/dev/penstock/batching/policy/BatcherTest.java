package dev.penstock.batching.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.common.contract.Priority;
import java.util.List;
import org.junit.jupiter.api.Test;

class BatcherTest {
    private static final long MS = 1_000_000;
    private static final long FAR = 1_000_000 * MS;
    private static final ServiceTime COST = new ServiceTime(20 * MS, MS, 1, true);

    private final Batcher<String> batcher = new Batcher<>(new LaneLimits(3, 100, 10));

    private void offer(String item, Priority priority, long now, long deadline) {
        assertThat(batcher.offer(item, priority, "tenant", 1, now, deadline)).isNotNull();
    }

    @Test
    void decide_freeSlot_sendsASingleItemAtOnce() {
        offer("a", Priority.NORMAL, 0, FAR);

        assertThat(batcher.decide(0, 1, COST))
                .isEqualTo(new BatchDecision.Flush<>(List.of("a"), FlushReason.SLOT_FREE, List.of()));
        assertThat(batcher.decide(0, 1, COST)).isInstanceOf(BatchDecision.Idle.class);
    }

    @Test
    void decide_noSlot_gathers() {
        offer("a", Priority.NORMAL, 0, FAR);
        assertThat(batcher.decide(0, 0, COST)).isInstanceOf(BatchDecision.Busy.class);
        offer("b", Priority.NORMAL, 1, FAR);
        offer("c", Priority.NORMAL, 2, FAR);
        offer("d", Priority.NORMAL, 3, FAR);

        assertThat(batcher.decide(4, 1, COST))
                .isEqualTo(new BatchDecision.Flush<>(List.of("a", "b", "c"), FlushReason.FULL, List.of()));
        assertThat(batcher.size()).isEqualTo(1);
    }

    @Test
    void decide_heavyItem_goesAlone() {
        batcher.offer("heavy", Priority.NORMAL, "tenant", 1_000, 0, FAR);
        batcher.offer("light", Priority.NORMAL, "tenant", 1, 1, FAR);

        assertThat(batcher.decide(2, 1, COST))
                .isEqualTo(new BatchDecision.Flush<>(List.of("heavy"), FlushReason.FULL, List.of()));
    }

    @Test
    void decide_itemThatCannotMakeIt_isDroppedBeforeItCostsAnything() {
        offer("late", Priority.NORMAL, 0, 21 * MS);
        offer("fine", Priority.NORMAL, 0, 60 * MS);

        // Two items take 22 ms.
        assertThat(batcher.decide(0, 1, COST))
                .isEqualTo(new BatchDecision.Flush<>(List.of("fine"), FlushReason.SLOT_FREE, List.of("late")));
    }

    @Test
    void decide_withoutEstimate_dropsOnlyWhatHasExpired() {
        offer("expired", Priority.NORMAL, 0, 5 * MS);
        offer("tight", Priority.NORMAL, 0, 6 * MS);

        assertThat(batcher.decide(5 * MS, 1, null))
                .isEqualTo(new BatchDecision.Flush<>(List.of("tight"), FlushReason.SLOT_FREE, List.of("expired")));
    }

    @Test
    void decide_urgentClass_goesFirstUntilPatienceRunsOut() {
        offer("low", Priority.LOW, 0, FAR);
        offer("high", Priority.HIGH, 100 * MS, FAR);
        offer("normal", Priority.NORMAL, 100 * MS, FAR);
        offer("critical, but two seconds later", Priority.CRITICAL, 1_995 * MS, FAR);

        assertThat(batcher.decide(2_000 * MS, 1, null))
                .isEqualTo(new BatchDecision.Flush<>(List.of("high", "normal", "low"), FlushReason.FULL, List.of()));
    }

    @Test
    void late_takesWhatWouldBeLateEvenAlone() {
        offer("late", Priority.NORMAL, 0, 20 * MS);
        offer("fine", Priority.NORMAL, 0, 22 * MS);

        assertThat(batcher.late(0, COST)).containsExactly("late");
        assertThat(batcher.size()).isEqualTo(1);
    }
}
