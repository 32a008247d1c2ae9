package dev.penstock.batching.policy;

/**
 * Keeps retries from multiplying an outage: each call earns a fifth of a retry, and one a second is given besides. The
 * owner of a pool makes all of its merged calls, so this bound holds for the whole cluster. Not safe for use by several
 * threads.
 */
public final class RetryBudget {
    private static final double PER_CALL = 0.2;
    private static final double PER_SECOND = 1;
    private static final double MOST = 20;

    private double tokens = MOST / 2;
    private long at;
    private boolean started;

    public void call(long nowNanos) {
        refill(nowNanos);
        tokens = Math.min(MOST, tokens + PER_CALL);
    }

    /** Spends one retry if there is one. */
    public boolean retry(long nowNanos) {
        refill(nowNanos);
        if (tokens < 1) {
            return false;
        }
        tokens--;
        return true;
    }

    private void refill(long nowNanos) {
        if (started) {
            tokens = Math.min(MOST, tokens + Math.max(0, nowNanos - at) / 1e9 * PER_SECOND);
        }
        started = true;
        at = nowNanos;
    }
}
