package dev.penstock.common.telemetry.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.common.telemetry.policy.SlotClock.Slot;
import org.junit.jupiter.api.Test;

class SlotClockTest {
    private final SlotClock clock = new SlotClock(5_000, 12_300);

    @Test
    void slotsEndAtMultiplesOfTheWidth() {
        assertThat(clock.millisToEnd(12_300)).isEqualTo(2_700);
        assertThat(clock.ended(15_001)).contains(new Slot(1, 10_000));
        assertThat(clock.millisToEnd(15_001)).isEqualTo(4_999);
        assertThat(clock.ended(20_000)).contains(new Slot(2, 15_000));
    }

    @Test
    void aTimerThatComesEarlyEndsNothing() {
        assertThat(clock.ended(14_999)).isEmpty();
        assertThat(clock.millisToEnd(14_999)).isEqualTo(1);
        assertThat(clock.ended(15_000)).contains(new Slot(1, 10_000));
    }

    @Test
    void slotsThatWereSleptThroughAreMissingInTheSequence() {
        assertThat(clock.ended(31_000)).contains(new Slot(4, 25_000));
        assertThat(clock.ended(35_000)).contains(new Slot(5, 30_000));
    }

    @Test
    void aClockThatWasSetBackGoesOnFromTheNewTime() {
        assertThat(clock.ended(3_000)).contains(new Slot(1, -5_000));
        assertThat(clock.millisToEnd(3_000)).isEqualTo(2_000);
        assertThat(clock.ended(5_000)).contains(new Slot(2, 0));
    }

    @Test
    void theLastSlotIsTheOneThatIsRunning() {
        assertThat(clock.ended(15_000)).contains(new Slot(1, 10_000));
        assertThat(clock.running(16_000)).isEqualTo(new Slot(2, 15_000));
    }
}
