package dev.penstock.batching.policy;

/**
 * How long a call takes by the number of its items: {@code base + perItem · n}.
 *
 * @param baseNanos cost of a call as such, at least 0
 * @param perItemNanos cost of one more item, at least 0
 * @param spread 98th percentile of measured over expected, at least 1
 * @param sloped whether calls of different sizes were seen; otherwise {@code baseNanos} is the whole and says nothing
 *     about other sizes
 */
public record ServiceTime(double baseNanos, double perItemNanos, double spread, boolean sloped) {
    /** The expected time of a call of {@code n} items. */
    public long nanos(int n) {
        return (long) (baseNanos + perItemNanos * n);
    }

    /** The time that 98 of 100 calls of {@code n} items stay below. */
    public long highNanos(int n) {
        return (long) ((baseNanos + perItemNanos * n) * spread);
    }
}
