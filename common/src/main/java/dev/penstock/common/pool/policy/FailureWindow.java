package dev.penstock.common.pool.policy;

import java.util.Arrays;

/**
 * The share of failures over the last seconds, in ten buckets. It finds the instance that fails every other call, which
 * a breaker that counts failures in a row never opens for. Not safe for use by several threads.
 */
public final class FailureWindow {
    private static final int BUCKETS = 10;
    private static final int LEAST_CALLS = 20;
    private static final double TOO_MANY = 0.5;

    private final long bucketNanos;
    private final int[] calls = new int[BUCKETS];
    private final int[] failures = new int[BUCKETS];
    private final int[] slow = new int[BUCKETS];
    private final long[] marks = new long[BUCKETS];

    public FailureWindow(long windowNanos) {
        this.bucketNanos = Math.max(1, windowNanos / BUCKETS);
    }

    /** What the window holds. */
    public record Figures(int calls, int failures, int slow) {
        public double failureShare() {
            return calls == 0 ? 0 : (double) failures / calls;
        }
    }

    public void record(boolean failed, long nowNanos) {
        record(failed, false, nowNanos);
    }

    /** @param slowCall whether it took longer than it should */
    public void record(boolean failed, boolean slowCall, long nowNanos) {
        long mark = Math.floorDiv(nowNanos, bucketNanos);
        int at = Math.floorMod(mark, BUCKETS);
        if (marks[at] != mark) {
            marks[at] = mark;
            calls[at] = 0;
            failures[at] = 0;
            slow[at] = 0;
        }
        calls[at]++;
        failures[at] += failed ? 1 : 0;
        slow[at] += slowCall ? 1 : 0;
    }

    /** True if at least 20 calls were made and half of them or more failed. */
    public boolean sick(long nowNanos) {
        Figures figures = figures(nowNanos);
        return figures.calls() >= LEAST_CALLS && figures.failures() >= TOO_MANY * figures.calls();
    }

    public Figures figures(long nowNanos) {
        long oldest = Math.floorDiv(nowNanos, bucketNanos) - BUCKETS + 1;
        int made = 0;
        int failed = 0;
        int late = 0;
        for (int i = 0; i < BUCKETS; i++) {
            if (marks[i] - oldest >= 0) {
                made += calls[i];
                failed += failures[i];
                late += slow[i];
            }
        }
        return new Figures(made, failed, late);
    }

    /** Forgets everything, when the breaker starts anew. */
    public void clear() {
        Arrays.fill(calls, 0);
        Arrays.fill(failures, 0);
        Arrays.fill(slow, 0);
    }
}
