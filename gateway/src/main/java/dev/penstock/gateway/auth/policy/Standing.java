package dev.penstock.gateway.auth.policy;

import java.time.Duration;

/** How far the keys in memory can be relied on. Pure: the ages come as arguments. */
public enum Standing {
    /** Read just now: a key that is not here does not exist. */
    CURRENT,
    /** Postgres is away: a key that is here is good, one that is not may be new. */
    TRUSTED,
    /** Cut off from both stores for too long: a key that is here may have been revoked long ago. */
    EXPIRED,
    /** Nothing was ever read. */
    UNKNOWN;

    /**
     * What a gateway knows about its copy of the keys.
     *
     * @param loaded whether all keys were read at least once
     * @param reading whether Postgres is up and the last read succeeded
     * @param sincePostgresNanos age of the last successful read
     * @param sinceStoreNanos age of the last answer of either store
     */
    public record Evidence(boolean loaded, boolean reading, long sincePostgresNanos, long sinceStoreNanos) {}

    /**
     * Judges the copy.
     *
     * @param current oldest read after which an unknown key is called unknown
     * @param maxStale longest trust without an answer of either store
     */
    public static Standing of(Evidence evidence, Duration current, Duration maxStale) {
        if (!evidence.loaded()) {
            return UNKNOWN;
        }
        if (evidence.reading() && evidence.sincePostgresNanos() <= current.toNanos()) {
            return CURRENT;
        }
        return evidence.sinceStoreNanos() <= maxStale.toNanos() ? TRUSTED : EXPIRED;
    }

    /** Whether a key that is in memory may pass. */
    public boolean acceptsKnown() {
        return this == CURRENT || this == TRUSTED;
    }
}
