package dev.penstock.cache.store;

import dev.penstock.common.contract.CacheContract.CacheKey;

/** What the tiers must know before they may be read or written. Asked on the service's event loop. */
public interface TierState {
    /** Whether Redis is there and has been told of everything that was invalidated while it was away. */
    boolean redisReady();

    /** Whether Postgres is there and what it knows of invalidations has been read. */
    boolean postgresReady();

    /** Whether an entry of that stamp may be served. */
    boolean valid(CacheKey key, long stamp);

    /** Whether work that began at that stamp may be stored. */
    boolean storable(CacheKey key, long stamp);
}
