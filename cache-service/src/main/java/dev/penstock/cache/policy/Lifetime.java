package dev.penstock.cache.policy;

import java.time.Duration;

/** How long an answer lives. */
public final class Lifetime {
    /** Longer than any type's; marks of invalidations are kept longer than this, since older entries are gone anyway. */
    public static final Duration LONGEST = Duration.ofDays(7);
    /** Share of the time to live that is taken away at random, so that what was stored together does not expire together. */
    private static final double JITTER = 0.10;

    private Lifetime() {}

    /**
     * The time to live with jitter: between 90 % and all of what was asked for, so that no answer outlives its promise.
     *
     * @param random from 0 (inclusive) to 1 (exclusive)
     */
    public static Duration jittered(Duration ttl, double random) {
        Duration bounded = ttl.compareTo(LONGEST) > 0 ? LONGEST : ttl;
        return Duration.ofMillis((long) Math.ceil(bounded.toMillis() * (1 - JITTER * random)));
    }
}
