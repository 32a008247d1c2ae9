package dev.penstock.batching.policy;

import org.jspecify.annotations.Nullable;

/** Whether an instance is to blame for a call that did not come back in time. */
public final class Blame {
    private static final long LEAST_NANOS = 1_000_000_000L;
    private static final long UNKNOWN_NANOS = 5_000_000_000L;

    private Blame() {}

    /**
     * True if the call was given a fair time. A caller with a budget of some milliseconds must not be able to open the
     * breaker of a healthy instance.
     *
     * @param limitNanos the model's own timeout
     */
    public static boolean timeout(long waitedNanos, long limitNanos, int items, @Nullable ServiceTime expected) {
        return waitedNanos >= Math.min(expected == null ? UNKNOWN_NANOS : fairNanos(items, expected), limitNanos);
    }

    /** After this time it is better to ask another instance, if there is one and the work may be repeated. */
    public static long fairNanos(int items, ServiceTime expected) {
        return Math.max(LEAST_NANOS, 5 * expected.highNanos(items));
    }
}
