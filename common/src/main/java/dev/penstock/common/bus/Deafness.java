package dev.penstock.common.bus;

import java.time.Duration;

/**
 * Decides from what peers say whether this member is deaf: they said for 3 s, and more than three times, that it did not
 * hear them, and nobody said that it did. Silence says nothing either way. Pure; of one thread.
 */
final class Deafness {
    private static final Duration AFTER = Duration.ofSeconds(3);
    /** More than these, so that a few calls lost in one bad moment do not end a process. */
    private static final int CHANCE = 3;

    private int votes;
    private long sinceNanos;

    /** A peer's call was heard, or there is no peer to call. */
    void heard() {
        votes = 0;
    }

    /**
     * A peer said that its call was not heard.
     *
     * @return whether this member is deaf
     */
    boolean unheard(long nowNanos) {
        if (votes++ == 0) {
            sinceNanos = nowNanos;
        }
        return votes > CHANCE && nowNanos - sinceNanos >= AFTER.toNanos();
    }
}
