package dev.penstock.gateway.policy;

import java.util.Arrays;

/**
 * Counts requests in a window that rolls, in sub-buckets, and errs on the safe side: a sub-bucket counts in full until
 * all of it is out of the window. So no window of the length, wherever it begins, ever holds more than the limit; in
 * return an exhausted caller waits up to one sub-bucket longer than an exact log would make him wait.
 *
 * <p>The script {@code limits.lua} decides the same on Redis. Time is in milliseconds on any scale that does not
 * go back; must be confined to one thread or guarded.
 */
public final class RollingWindow {
    /** Sub-buckets per window; the script uses the same number. */
    public static final int PARTS = 20;

    private final long lengthMillis;
    private final long partMillis;
    /**
     * One more than {@link #PARTS}, since the window touches that many when it begins inside one, and one for what was
     * set aside now but may be used in the next part.
     */
    private final long[] counts = new long[PARTS + 2];

    private long newest = Long.MIN_VALUE;

    public RollingWindow(long lengthMillis) {
        this.lengthMillis = lengthMillis;
        this.partMillis = Math.max(1, lengthMillis / PARTS);
    }

    /** Requests that may still be in the window. */
    public long used(long nowMillis) {
        roll(nowMillis);
        long sum = 0;
        for (long count : counts) {
            sum += count;
        }
        return sum;
    }

    public void add(long nowMillis, long n) {
        charge(nowMillis, nowMillis, n);
    }

    /**
     * Counts {@code n} from now on as if they happened at {@code untilMillis}, the last moment at which they can: so a
     * lease never widens the window.
     *
     * @param untilMillis not before now, and less than a part after it
     */
    public void charge(long nowMillis, long untilMillis, long n) {
        roll(nowMillis);
        counts[index(Math.min(newest + 1, Math.floorDiv(untilMillis, partMillis)))] += n;
    }

    /** Takes up to {@code n} back from where {@link #charge} put them; what has left the window stays there. */
    public void giveBack(long nowMillis, long untilMillis, long n) {
        roll(nowMillis);
        long part = Math.floorDiv(untilMillis, partMillis);
        if (part >= newest - PARTS && part <= newest + 1) {
            int index = index(part);
            counts[index] = Math.max(0, counts[index] - n);
        }
    }

    /** Milliseconds until less than {@code limit} are in the window if nobody adds; 0 where that is so now. */
    public long waitMillis(long nowMillis, long limit) {
        long used = used(nowMillis);
        for (long part = newest - PARTS; part <= newest + 1 && used >= limit; part++) {
            used -= counts[index(part)];
            if (used < limit) {
                return gone(part) - nowMillis;
            }
        }
        return used < limit ? 0 : lengthMillis;
    }

    /** Milliseconds until the window is empty if nobody adds. */
    public long resetMillis(long nowMillis) {
        roll(nowMillis);
        for (long part = newest + 1; part >= newest - PARTS; part--) {
            if (counts[index(part)] > 0) {
                return gone(part) - nowMillis;
            }
        }
        return 0;
    }

    /** The first moment at which nothing of {@code part} is in the window. */
    private long gone(long part) {
        return (part + 1) * partMillis + lengthMillis;
    }

    private void roll(long nowMillis) {
        long part = Math.floorDiv(nowMillis, partMillis);
        if (newest == Long.MIN_VALUE || part - newest > PARTS + 1) {
            Arrays.fill(counts, 0);
            newest = part;
        }
        while (newest < part) {
            newest++;
            counts[index(newest + 1)] = 0;
        }
    }

    private int index(long part) {
        return (int) Math.floorMod(part, (long) counts.length);
    }
}
