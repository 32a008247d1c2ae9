package dev.penstock.common.time;

import java.time.Duration;

/**
 * The moment at which a caller stops waiting, on this process's own ticker.
 *
 * <p>Between processes the remaining <em>budget</em> travels, never the moment: clocks differ.
 *
 * @param atNanos on the scale of {@link Ticker#nanos()}
 */
public record Deadline(long atNanos) {
    /** A deadline {@code budget} after {@code nowNanos}; a negative budget is already spent. */
    public static Deadline after(long nowNanos, Duration budget) {
        return new Deadline(nowNanos + budget.toNanos());
    }

    /** Nanoseconds left, negative when spent. */
    public long remainingNanos(long nowNanos) {
        return atNanos - nowNanos;
    }

    /** Whole milliseconds left, at least 1 while anything is left, else 0: what timers take. */
    public long remainingMillis(long nowNanos) {
        long left = remainingNanos(nowNanos);
        return left <= 0 ? 0 : Math.max(1, left / 1_000_000);
    }

    public boolean spent(long nowNanos) {
        return remainingNanos(nowNanos) <= 0;
    }

    /** The earlier of the two. */
    public Deadline earlier(Deadline other) {
        return other.atNanos - atNanos < 0 ? other : this;
    }
}
