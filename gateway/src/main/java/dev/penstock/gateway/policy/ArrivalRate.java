package dev.penstock.gateway.policy;

/** How many calls come in a tenth of a second, from the last such span and the one that runs. Confined or guarded. */
public final class ArrivalRate {
    private static final long SPAN_NANOS = 100_000_000;

    private long begun;
    private long count;
    private long last;
    private boolean counting;

    /** A call came. */
    public void note(long nowNanos) {
        long past = nowNanos - begun;
        if (!counting || past >= 2 * SPAN_NANOS) {
            last = counting && past < 20 * SPAN_NANOS ? count * SPAN_NANOS / past : 0;
            begun = nowNanos;
            count = 0;
            counting = true;
        } else if (past >= SPAN_NANOS) {
            last = count * SPAN_NANOS / past;
            begun = nowNanos;
            count = 0;
        }
        count++;
    }

    /** Calls expected in the next tenth of a second, at least 1. */
    public long expected() {
        return Math.max(1, Math.max(last, count));
    }
}
