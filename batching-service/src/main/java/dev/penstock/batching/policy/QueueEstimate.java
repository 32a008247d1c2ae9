package dev.penstock.batching.policy;

import org.jspecify.annotations.Nullable;

/**
 * How long a newcomer would wait, so that it can be refused at once instead of after its time is spent. Estimates lean
 * to the low side: what they let in wrongly is dropped before dispatch, what they refuse wrongly is lost.
 */
public final class QueueEstimate {
    private QueueEstimate() {}

    /**
     * Nanoseconds until an item that has {@code ahead} items before it is answered.
     *
     * @param batch most items per call
     * @param slots calls at a time, over all instances
     * @param expected null where nobody knows: then 0
     */
    public static long itemNanos(int ahead, int batch, int slots, @Nullable ServiceTime expected) {
        if (expected == null || slots <= 0) {
            return 0;
        }
        int callsBefore = ahead / batch / slots;
        return callsBefore * expected.nanos(batch) + expected.nanos(Math.min(batch, ahead % batch + 1));
    }

    /** Nanoseconds until a lease with {@code ahead} others before it is granted, from how long leases are held. */
    public static long leaseNanos(int ahead, int capacity, double heldNanos) {
        // Whole rounds: leases of one round are given back one by one, not all at its end.
        int rounds = capacity <= 0 ? 0 : ahead / capacity;
        return (long) (heldNanos * rounds);
    }
}
