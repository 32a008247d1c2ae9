package dev.penstock.gateway.policy;

/**
 * What one gateway may decide by itself about one combination of limits: calls that were set aside for it, and until when
 * it knows that there are none. Time is nanoseconds of the process's ticker; confined or guarded.
 */
public final class Lease {
    /** A refusal is believed at most this long: others give back what they did not use. */
    private static final long LONGEST_BELIEF = 1_000_000_000L;

    private static final long NANOS_PER_MILLI = 1_000_000;

    /** What memory says about a call. */
    public enum Verdict {
        ADMIT,
        REFUSE,
        /** Nothing is known here. */
        ASK
    }

    private long left;
    private long begins;
    private long ends;
    private long refusedUntil;
    private long retryAt;
    private boolean held;
    private boolean refused;

    /** Decides about one call and uses one up if it admits. */
    public Verdict take(long nowNanos) {
        if (held && left > 0 && nowNanos - ends < 0) {
            if (nowNanos - begins < 0) {
                retryAt = begins;
                return Verdict.REFUSE;
            }
            left--;
            return Verdict.ADMIT;
        }
        if (refused && nowNanos - refusedUntil < 0) {
            return Verdict.REFUSE;
        }
        refused = false;
        return Verdict.ASK;
    }

    /**
     * Calls were set aside.
     *
     * @param beginsNanos from when they may be used
     * @param endsNanos until when, this moment excluded
     */
    public void granted(long n, long beginsNanos, long endsNanos) {
        held = true;
        refused = false;
        left = n;
        begins = beginsNanos;
        ends = endsNanos;
    }

    /** There is nothing for {@code waitMillis}. */
    public void refused(long nowNanos, long waitMillis) {
        long wait = Math.max(1, Math.min(waitMillis, Long.MAX_VALUE / NANOS_PER_MILLI / 4)) * NANOS_PER_MILLI;
        refused = true;
        retryAt = nowNanos + wait;
        refusedUntil = nowNanos + Math.min(wait, LONGEST_BELIEF);
    }

    /** Milliseconds until a refused call is worth trying again, rounded up, at least 1. */
    public long retryMillis(long nowNanos) {
        return Math.max(1, (retryAt - nowNanos + NANOS_PER_MILLI - 1) / NANOS_PER_MILLI);
    }

    /** Calls that are still held. */
    public long left() {
        return held ? left : 0;
    }

    /** Whether calls are held that may not be used any more. */
    public boolean lapsed(long nowNanos) {
        return held && left > 0 && nowNanos - ends >= 0;
    }

    /** Ends the lease; what it returns must be given back, and is given out only once. */
    public long close() {
        long unused = left();
        left = 0;
        held = false;
        return unused;
    }
}
