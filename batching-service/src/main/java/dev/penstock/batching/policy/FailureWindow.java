package dev.penstock.batching.policy;

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
    private final long[] marks = new long[BUCKETS];

    public FailureWindow(long windowNanos) {
        this.bucketNanos = Math.max(1, windowNanos / BUCKETS);
    }

    public void record(boolean failed, long nowNanos) {
        long mark = Math.floorDiv(nowNanos, bucketNanos);
        int at = Math.floorMod(mark, BUCKETS);
        if (marks[at] != mark) {
            marks[at] = mark;
            calls[at] = 0;
            failures[at] = 0;
        }
        calls[at]++;
        failures[at] += failed ? 1 : 0;
    }

    /** True if at least 20 calls were made and half of them or more failed. */
    public boolean sick(long nowNanos) {
        long oldest = Math.floorDiv(nowNanos, bucketNanos) - BUCKETS + 1;
        int made = 0;
        int failed = 0;
        for (int i = 0; i < BUCKETS; i++) {
            if (marks[i] - oldest >= 0) {
                made += calls[i];
                failed += failures[i];
            }
        }
        return made >= LEAST_CALLS && failed >= TOO_MANY * made;
    }

    /** Forgets everything, when the breaker starts anew. */
    public void clear() {
        Arrays.fill(calls, 0);
        Arrays.fill(failures, 0);
    }
}
