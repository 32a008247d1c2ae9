package dev.penstock.batching.policy;

import java.util.Arrays;
import java.util.Comparator;

/** Divides the tokens of a merged call among its items so that the parts add up to the whole. */
public final class UsageSplit {
    /** The largest total that is divided, far above any call; keeps the products within 64 bits. */
    public static final long MOST = 1_000_000_000L;

    private UsageSplit() {}

    /**
     * Shares of {@code total} in proportion to {@code weights}, whole numbers, none off by more than one: each gets the
     * floor of its share, and what is left goes to the largest remainders (Hamilton's method), earlier items first.
     *
     * @param total from 0 to {@link #MOST}
     * @param weights at least one; those below 1 count as 1
     */
    public static long[] split(long total, int[] weights) {
        if (total < 0 || total > MOST) {
            throw new IllegalArgumentException("total out of range: " + total);
        }
        long sum = 0;
        for (int weight : weights) {
            sum += Math.max(1, weight);
        }
        long[] shares = new long[weights.length];
        long[] remainders = new long[weights.length];
        long left = total;
        for (int i = 0; i < weights.length; i++) {
            long product = total * Math.max(1, weights[i]);
            shares[i] = product / sum;
            remainders[i] = product % sum;
            left -= shares[i];
        }
        if (left > 0) {
            Integer[] order = new Integer[weights.length];
            Arrays.setAll(order, i -> i);
            Arrays.sort(order, Comparator.comparingLong(i -> -remainders[i]));
            for (int i = 0; i < left; i++) {
                shares[order[i]]++;
            }
        }
        return shares;
    }
}
