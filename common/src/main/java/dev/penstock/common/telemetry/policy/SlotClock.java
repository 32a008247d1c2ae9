package dev.penstock.common.telemetry.policy;

import java.util.Optional;

/**
 * Slots of equal width at multiples of it on the wall clock, so that those of all processes lie over each other. Used by
 * one thread.
 */
public final class SlotClock {
    /**
     * One slot.
     *
     * @param sequence grows by one per slot, by more over slots that were slept through
     * @param startMillis a multiple of the width
     */
    public record Slot(long sequence, long startMillis) {}

    private final long widthMillis;
    private long nextEnd;
    private long sequence;

    /**
     * @param widthMillis above 0
     * @param nowMillis wall clock; the slot that is running then is the first
     */
    public SlotClock(long widthMillis, long nowMillis) {
        if (widthMillis <= 0) {
            throw new IllegalArgumentException("a slot needs a width: " + widthMillis);
        }
        this.widthMillis = widthMillis;
        this.nextEnd = startOf(nowMillis) + widthMillis;
    }

    public long widthMillis() {
        return widthMillis;
    }

    /** How long to wait for the end of the running slot: at least 1, at most the width. */
    public long millisToEnd(long nowMillis) {
        return Math.clamp(nextEnd - nowMillis, 1, widthMillis);
    }

    /**
     * The slot that has ended. Empty if a timer came early: then it must be asked again at its end. What was slept
     * through (a stopped machine) is skipped in the sequence, so that the gap can be seen; a clock that was set back
     * goes on from the new time.
     */
    public Optional<Slot> ended(long nowMillis) {
        long early = nextEnd - nowMillis;
        if (early > 0 && early <= widthMillis) {
            return Optional.empty();
        }
        long start = startOf(nowMillis) - widthMillis;
        long slots = Math.max(1, (start + widthMillis - nextEnd) / widthMillis + 1);
        sequence += slots;
        nextEnd = start + 2 * widthMillis;
        return Optional.of(new Slot(sequence, start));
    }

    /** The slot that is running, as the last one there will be. */
    public Slot running(long nowMillis) {
        sequence++;
        return new Slot(sequence, startOf(nowMillis));
    }

    private long startOf(long millis) {
        return Math.floorDiv(millis, widthMillis) * widthMillis;
    }
}
