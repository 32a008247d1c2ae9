package dev.penstock.common.pool.policy;

/**
 * The latency of an instance as its callers should fear it: a worse sample counts in full at once, better ones are
 * believed slowly (time constant 10 s), and it fades while nothing is measured, so that a recovered instance is tried
 * again. A sample below a quarter halves it: after a stall the plain rule shuns an instance that is well again for far
 * too long. After Finagle's Peak EWMA. Not safe for use by several threads.
 */
public final class PeakEwma {
    private static final double TAU_NANOS = 10e9;

    private double cost;
    private long at;
    private boolean known;

    public void record(long latencyNanos, long nowNanos) {
        double faded = value(nowNanos);
        double sample = Math.max(1, latencyNanos);
        if (!known || sample > faded) {
            cost = sample;
        } else {
            double keep = Math.exp(-Math.max(0, nowNanos - at) / TAU_NANOS);
            // At least a tenth of the distance per sample: a busy instance must not keep its peak for 10 s.
            cost = Math.min(cost * keep + sample * (1 - keep), cost * 0.9 + sample * 0.1);
            if (sample < faded / 4) {
                cost = Math.min(cost, faded / 2);
            }
        }
        known = true;
        at = nowNanos;
    }

    /** Nanoseconds; 0 where nothing is known. */
    public double value(long nowNanos) {
        return known ? cost * Math.exp(-Math.max(0, nowNanos - at) / TAU_NANOS) : 0;
    }

    public boolean known() {
        return known;
    }
}
