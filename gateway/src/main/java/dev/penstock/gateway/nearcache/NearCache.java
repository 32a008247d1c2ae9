package dev.penstock.gateway.nearcache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.penstock.common.cluster.Membership;
import dev.penstock.common.config.CacheConfig;
import dev.penstock.common.contract.CacheContract.CacheKey;
import dev.penstock.common.contract.CacheContract.Entry;
import dev.penstock.common.contract.CacheContract.Heartbeat;
import dev.penstock.common.contract.CacheContract.Invalidation;
import dev.penstock.common.contract.CacheContract.Scope;
import dev.penstock.common.service.Role;
import dev.penstock.common.time.Ticker;
import dev.penstock.common.unit.Bytes;
import dev.penstock.gateway.policy.CoherenceLease;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Answers in this gateway's heap, weighed in bytes. Serves only under the coherence lease: see {@link CoherenceLease}
 * for when that holds. Safe for use by many event loops; reading takes no lock.
 */
public final class NearCache {
    /** Later than any moment that is compared with it. */
    private static final long FOREVER_NANOS = Long.MAX_VALUE / 4;

    private final Cache<CacheKey, NearEntry> entries;
    private volatile long maxEntry;
    private final Membership membership;
    private final Ticker ticker;
    /** Guards the lease; held for a few instructions, a few times a second. */
    private final ReentrantLock leaseLock = new ReentrantLock();

    private final CoherenceLease lease;
    /** Counts every time that something was forgotten: what was looked up before must not be put in after. */
    private final AtomicLong epoch = new AtomicLong();
    /** The highest number of an invalidation that we know of; negative before the first. */
    private final AtomicLong generation = new AtomicLong(-1);

    private final LongAdder hits = new LongAdder();
    private final LongAdder misses = new LongAdder();
    private volatile long servesUntil;

    public NearCache(CacheConfig config, Membership membership, Ticker ticker) {
        this.entries = Caffeine.newBuilder()
                .maximumWeight(size(config))
                .weigher((CacheKey key, NearEntry entry) -> entry.weight())
                .executor(Runnable::run)
                .build();
        this.maxEntry = largest(config);
        this.membership = membership;
        this.ticker = ticker;
        this.lease = new CoherenceLease(config.coherenceLease().toNanos());
        membership.onChange(this::renew);
        renew();
    }

    /** Another size from now on; what no longer fits is forgotten at once. */
    public void follow(CacheConfig next) {
        maxEntry = largest(next);
        entries.policy().eviction().ifPresent(eviction -> eviction.setMaximum(size(next)));
    }

    private static long size(CacheConfig config) {
        return config.enabled() ? config.nearSize().bytes() : 0;
    }

    private static long largest(CacheConfig config) {
        return Math.min(config.maxEntry().bytes(), config.nearSize().bytes() / 8);
    }

    /** The answer, if it is here, fresh, and may be trusted now. */
    public @Nullable NearEntry find(CacheKey key, long nowNanos, long nowMillis) {
        NearEntry found = servesUntil - nowNanos <= 0 ? null : entries.getIfPresent(key);
        if (found == null || !found.entry().fresh(nowMillis)) {
            misses.increment();
            return null;
        }
        hits.increment();
        return found;
    }

    /** To be read before a lookup and handed to {@link #put} with what the lookup brought. */
    public long epoch() {
        return epoch.get();
    }

    /** Keeps an answer, unless something was forgotten since {@code seenEpoch}: it might have been this one. */
    public void put(CacheKey key, Entry entry, long seenEpoch) {
        if (entry.body().size() > maxEntry || epoch.get() != seenEpoch) {
            return;
        }
        entries.put(key, NearEntry.of(entry));
        if (epoch.get() != seenEpoch) {
            entries.invalidate(key);
        }
    }

    /** Remembers a body that was made from {@code found}, if that is still what is here. */
    public void rendered(CacheKey key, NearEntry found, boolean base64, Bytes body) {
        if (body.size() <= maxEntry) {
            entries.asMap().replace(key, found, found.with(base64, body));
        }
    }

    /** A cache member was heard: by its heartbeat, or by its answer to a lookup. */
    public void heard(String member, long heardGeneration) {
        catchUp(heardGeneration);
        leaseLock.lock();
        try {
            lease.heard(member, ticker.nanos());
        } finally {
            leaseLock.unlock();
        }
        renew();
    }

    public void heartbeat(Heartbeat heartbeat) {
        heard(heartbeat.member(), heartbeat.generation());
    }

    /** Forgets what an invalidation covers; everything, if one before it was missed. */
    public void invalidated(Invalidation event) {
        long known = generation.get();
        if (known >= 0 && event.generation() > known + 1) {
            catchUp(event.generation());
            return;
        }
        generation.accumulateAndGet(event.generation(), Math::max);
        forget(event.scope());
    }

    public long hits() {
        return hits.sum();
    }

    public long misses() {
        return misses.sum();
    }

    public long size() {
        return entries.estimatedSize();
    }

    /** The weight of all entries. */
    public long bytes() {
        return entries.policy()
                .eviction()
                .map(eviction -> eviction.weightedSize().orElse(0))
                .orElse(0L);
    }

    private void catchUp(long heardGeneration) {
        long known = generation.getAndAccumulate(heardGeneration, Math::max);
        if (known < heardGeneration && known >= 0) {
            forget(Scope.EVERYTHING);
        }
    }

    private void forget(Scope scope) {
        epoch.incrementAndGet();
        if (scope.key() != null) {
            entries.invalidate(scope.key());
        } else if (scope.equals(Scope.EVERYTHING)) {
            entries.invalidateAll();
        } else {
            entries.asMap().keySet().removeIf(scope::covers);
        }
    }

    private void renew() {
        List<String> live = membership.live(Role.CACHE);
        leaseLock.lock();
        try {
            long now = ticker.nanos();
            servesUntil = lease.until(live, now, now + FOREVER_NANOS);
        } finally {
            leaseLock.unlock();
        }
    }
}
