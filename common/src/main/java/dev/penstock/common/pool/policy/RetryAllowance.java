package dev.penstock.common.pool.policy;

import dev.penstock.common.config.RetriesConfig;
import java.util.Arrays;

/**
 * Keeps repetitions from multiplying an outage: over a sliding window they stay within a share of the requests, or
 * within a small floor where there are few requests. Every gateway bounds its own, so that the share holds for the
 * cluster without a word between them; the floor is divided among the gateways, and is one for each at least.
 *
 * <p>After Envoy's and Finagle's retry budgets. Not safe for use by several threads.
 */
public final class RetryAllowance {
    private static final int BUCKETS = 10;

    private final RetriesConfig rules;
    private final long bucketNanos;
    private final int[] requests = new int[BUCKETS];
    private final int[] repeats = new int[BUCKETS];
    private final long[] marks = new long[BUCKETS];

    public RetryAllowance(RetriesConfig rules) {
        this.rules = rules;
        this.bucketNanos = Math.max(1, rules.window().toNanos() / BUCKETS);
        Arrays.fill(marks, Long.MIN_VALUE);
    }

    /** A request, counted once however often it is sent. */
    public void request(long nowNanos) {
        requests[bucket(nowNanos)]++;
    }

    /**
     * Spends one repetition if there is one.
     *
     * @param gateways how many share the floor, at least 1
     */
    public boolean spend(int gateways, long nowNanos) {
        int at = bucket(nowNanos);
        long mark = Math.floorDiv(nowNanos, bucketNanos);
        long asked = 0;
        long repeated = 0;
        for (int i = 0; i < BUCKETS; i++) {
            if (marks[i] > mark - BUCKETS && marks[i] <= mark) {
                asked += requests[i];
                repeated += repeats[i];
            }
        }
        int floor = rules.floor() == 0 ? 0 : Math.max(1, rules.floor() / Math.max(1, gateways));
        if (repeated + 1 > Math.max(floor, asked * rules.percent() / 100)) {
            return false;
        }
        repeats[at]++;
        return true;
    }

    private int bucket(long nowNanos) {
        long mark = Math.floorDiv(nowNanos, bucketNanos);
        int at = Math.floorMod(mark, BUCKETS);
        if (marks[at] != mark) {
            marks[at] = mark;
            requests[at] = 0;
            repeats[at] = 0;
        }
        return at;
    }
}
