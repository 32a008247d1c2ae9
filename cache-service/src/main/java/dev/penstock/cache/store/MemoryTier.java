package dev.penstock.cache.store;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.penstock.common.contract.CacheContract.CacheKey;
import dev.penstock.common.contract.CacheContract.Scope;
import dev.penstock.common.unit.DataSize;
import org.jspecify.annotations.Nullable;

/** The heap tier that stands in while Redis is away. Bounded in bytes; safe for use by many threads. */
public final class MemoryTier {
    /** Headers and references of key, entry and map node; measured generously, so that the bound holds. */
    private static final int OVERHEAD = 400;

    private final Cache<CacheKey, Stamped> entries;

    public MemoryTier(DataSize size) {
        this.entries = Caffeine.newBuilder()
                .maximumWeight(size.bytes())
                .<CacheKey, Stamped>weigher((key, stamped) -> weight(stamped))
                .executor(Runnable::run)
                .build();
    }

    /** Another bound from now on; what no longer fits is forgotten. */
    public void size(DataSize next) {
        entries.policy().eviction().ifPresent(eviction -> eviction.setMaximum(next.bytes()));
    }

    public @Nullable Stamped get(CacheKey key) {
        return entries.getIfPresent(key);
    }

    public void put(CacheKey key, Stamped stamped) {
        entries.put(key, stamped);
    }

    public void remove(CacheKey key) {
        entries.invalidate(key);
    }

    /** Forgets what the scope covers. */
    public void forget(Scope scope) {
        CacheKey key = scope.key();
        if (key != null) {
            entries.invalidate(key);
        } else {
            entries.asMap().keySet().removeIf(scope::covers);
        }
    }

    public void clear() {
        entries.invalidateAll();
    }

    public long entries() {
        return entries.estimatedSize();
    }

    /** Bytes held, as weighed. */
    public long bytes() {
        return entries.policy()
                .eviction()
                .map(eviction -> eviction.weightedSize().orElse(0))
                .orElse(0L);
    }

    private static int weight(Stamped stamped) {
        return Math.addExact(OVERHEAD, stamped.entry().body().size());
    }
}
