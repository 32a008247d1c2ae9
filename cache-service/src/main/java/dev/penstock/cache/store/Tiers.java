package dev.penstock.cache.store;

import dev.penstock.cache.policy.TierGate;
import dev.penstock.common.config.CacheConfig;
import dev.penstock.common.contract.CacheContract.CacheKey;
import dev.penstock.common.contract.CacheContract.CacheType;
import dev.penstock.common.contract.CacheContract.Tier;
import dev.penstock.common.contract.CacheContract.TierStats;
import dev.penstock.common.service.ServiceContext;
import dev.penstock.common.time.Ticker;
import dev.penstock.common.unit.Bytes;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The shared tiers as one: Redis (or the heap while Redis is away), then Postgres; what Postgres has goes up again. A
 * tier that fails or is late is a miss and never an error. Used on the service's event loop.
 */
public final class Tiers {
    private static final Logger log = LoggerFactory.getLogger(Tiers.class);
    /** A tier that is slower than this for a lookup is no cache: the work itself may be faster. */
    private static final Duration READ_PATIENCE = Duration.ofMillis(250);
    /** Failures in a row before a tier that is connected but silent is left alone, and for how long. */
    private static final int TOLERATED = 3;

    private static final Duration REST = Duration.ofSeconds(1);
    /** Larger bodies are compressed off the event loop: about 0.2 ms of work on it below. */
    private static final int INLINE_LIMIT = 64 * 1024;
    /** An entry that has less left than this is not worth a write. */
    private static final Duration LEAST_LEFT = Duration.ofMillis(1);

    private final Vertx vertx;
    private final Ticker ticker;
    private final InstantSource clock;
    private final TierState state;
    private final LongSupplier lastingMillis;
    private final RedisTier redis;
    private final PostgresTier postgres;
    private final MemoryTier memory;
    private final TierGate redisGate = new TierGate(TOLERATED, REST.toNanos());
    private final TierGate postgresGate = new TierGate(TOLERATED, REST.toNanos());
    private final TierCounts redisCounts;
    private final TierCounts postgresCounts;
    private final TierCounts memoryCounts;

    public Tiers(ServiceContext context, TierState state, MemoryTier memory, InstantSource clock) {
        CacheConfig config = context.config().cache();
        this.vertx = context.vertx();
        this.ticker = context.ticker();
        this.clock = clock;
        this.state = state;
        this.lastingMillis = () -> context.config().cache().lastingThreshold().toMillis();
        this.redis = new RedisTier(context.redis(), config.maxEntry().bytes());
        this.postgres = new PostgresTier(context.postgres(), config.maxEntry().bytes());
        this.memory = memory;
        this.redisCounts = new TierCounts(context.telemetry(), Tier.L2);
        this.postgresCounts = new TierCounts(context.telemetry(), Tier.L3);
        this.memoryCounts = new TierCounts(context.telemetry(), Tier.MEMORY);
    }

    /** One result per key, in order; never fails. */
    public Future<List<Optional<Found>>> read(List<CacheKey> keys) {
        return readFirst(keys).compose(first -> {
            List<CacheKey> missing = missing(keys, first);
            return missing.isEmpty()
                    ? Future.succeededFuture(first)
                    : readPostgres(missing).map(second -> merge(first, second));
        });
    }

    /**
     * Keeps an entry where its type and cost say; never fails.
     *
     * @return completed when every tier has it or has given up
     */
    public Future<Void> write(CacheKey key, Stamped stamped) {
        boolean costly = stamped.entry().computeTime().toMillis() >= lastingMillis.getAsLong();
        boolean lasting = (costly || key.type() == CacheType.IDEMPOTENCY) && state.postgresReady();
        return encode(stamped).compose(envelope -> {
            Future<Void> near = writeFirst(key, stamped, envelope);
            return lasting
                    ? Future.join(near, writePostgres(key, stamped, envelope)).mapEmpty()
                    : near;
        });
    }

    /** Deletes entries from Redis before it is read again. */
    public Future<Void> deleteFromRedis(List<CacheKey> keys) {
        return keys.isEmpty() ? Future.succeededFuture() : redis.delete(keys);
    }

    /** Deletes one entry from Postgres. */
    public Future<Void> deleteFromPostgres(CacheKey key) {
        return postgres.delete(key);
    }

    /** Deletes some expired entries from Postgres. */
    public Future<Integer> sweep(int limit) {
        return postgres.sweep(limit);
    }

    /** Entries and bytes are -1 where counting would cost a walk through the store. */
    public List<TierStats> stats() {
        return List.of(
                new TierStats(Tier.L2, redisCounts.hits(), redisCounts.misses(), -1, -1, state.redisReady()),
                new TierStats(Tier.L3, postgresCounts.hits(), postgresCounts.misses(), -1, -1, state.postgresReady()),
                new TierStats(
                        Tier.MEMORY,
                        memoryCounts.hits(),
                        memoryCounts.misses(),
                        memory.entries(),
                        memory.bytes(),
                        !state.redisReady()));
    }

    private Future<List<Optional<Found>>> readFirst(List<CacheKey> keys) {
        if (!state.redisReady()) {
            return Future.succeededFuture(readMemory(keys));
        }
        return guarded(redisGate, redisCounts, keys, () -> redis.read(keys))
                .map(stored -> found(keys, stored, Tier.L2, redisCounts));
    }

    private List<Optional<Found>> readMemory(List<CacheKey> keys) {
        List<Optional<Stamped>> stored =
                keys.stream().map(key -> Optional.ofNullable(memory.get(key))).toList();
        return found(keys, stored, Tier.MEMORY, memoryCounts);
    }

    private Future<List<Optional<Found>>> readPostgres(List<CacheKey> keys) {
        if (!state.postgresReady()) {
            return Future.succeededFuture(nothing(keys));
        }
        return guarded(postgresGate, postgresCounts, keys, () -> postgres.read(keys))
                .map(stored -> {
                    List<Optional<Found>> found = found(keys, stored, Tier.L3, postgresCounts);
                    promote(keys, stored, found);
                    return found;
                });
    }

    private void promote(List<CacheKey> keys, List<Optional<Stamped>> stored, List<Optional<Found>> found) {
        for (int i = 0; i < keys.size(); i++) {
            CacheKey key = keys.get(i);
            if (found.get(i).isPresent()) {
                stored.get(i)
                        .ifPresent(stamped -> encode(stamped)
                                .compose(envelope -> writeFirst(key, stamped, envelope))
                                .onFailure(e -> log.warn("an entry could not be promoted", e)));
            }
        }
    }

    private Future<List<Optional<Stamped>>> guarded(
            TierGate gate, TierCounts counts, List<CacheKey> keys, Supplier<Future<List<Optional<Stamped>>>> read) {
        if (!gate.open(ticker.nanos())) {
            return Future.succeededFuture(nothing(keys));
        }
        return read.get()
                .timeout(READ_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                .transform(result -> {
                    if (result.succeeded()) {
                        gate.succeeded();
                        return Future.succeededFuture(result.result());
                    }
                    gate.failed(ticker.nanos());
                    counts.failed();
                    log.debug("a tier failed", result.cause());
                    return Future.succeededFuture(nothing(keys));
                });
    }

    private Future<Void> writeFirst(CacheKey key, Stamped stamped, Bytes envelope) {
        Duration left = left(stamped);
        if (left.compareTo(LEAST_LEFT) < 0 || !state.storable(key, stamped.stamp())) {
            return Future.succeededFuture();
        }
        if (!state.redisReady()) {
            memory.put(key, stamped);
            return Future.succeededFuture();
        }
        return settled(redis.write(key, envelope, left), redisCounts);
    }

    private Future<Void> writePostgres(CacheKey key, Stamped stamped, Bytes envelope) {
        Duration left = left(stamped);
        if (left.compareTo(LEAST_LEFT) < 0 || !state.storable(key, stamped.stamp())) {
            return Future.succeededFuture();
        }
        return settled(postgres.write(key, envelope, left, stamped.stamp()), postgresCounts);
    }

    private static Future<Void> settled(Future<Void> write, TierCounts counts) {
        return write.otherwise(cause -> {
            counts.failed();
            log.debug("a tier did not take an entry", cause);
            return null;
        });
    }

    private Future<Bytes> encode(Stamped stamped) {
        if (stamped.entry().body().size() <= INLINE_LIMIT) {
            return Future.succeededFuture(Envelope.encode(stamped));
        }
        // Told on the event loop again, where the state may be read.
        return vertx.executeBlocking(() -> Envelope.encode(stamped), false)
                .compose(envelope -> envelope == null
                        ? Future.failedFuture("nothing was encoded")
                        : Future.succeededFuture(envelope));
    }

    private List<Optional<Found>> found(
            List<CacheKey> keys, List<Optional<Stamped>> stored, Tier tier, TierCounts counts) {
        long now = clock.millis();
        List<Optional<Found>> found = new ArrayList<>(keys.size());
        int hits = 0;
        for (int i = 0; i < keys.size(); i++) {
            CacheKey key = keys.get(i);
            Optional<Found> each = stored.get(i)
                    .filter(stamped -> stamped.entry().fresh(now) && state.valid(key, stamped.stamp()))
                    .map(stamped -> new Found(stamped.entry(), tier));
            hits += each.isPresent() ? 1 : 0;
            found.add(each);
        }
        counts.read(hits, keys.size() - hits);
        return found;
    }

    private Duration left(Stamped stamped) {
        long age = Math.max(0, clock.millis() - stamped.entry().createdAtMillis());
        return stamped.entry().ttl().minusMillis(age);
    }

    private static List<CacheKey> missing(List<CacheKey> keys, List<Optional<Found>> found) {
        List<CacheKey> missing = new ArrayList<>();
        for (int i = 0; i < keys.size(); i++) {
            if (found.get(i).isEmpty()) {
                missing.add(keys.get(i));
            }
        }
        return missing;
    }

    /** Fills the gaps of {@code first}, in order, with {@code second}. */
    private static List<Optional<Found>> merge(List<Optional<Found>> first, List<Optional<Found>> second) {
        List<Optional<Found>> merged = new ArrayList<>(first);
        int next = 0;
        for (int i = 0; i < merged.size(); i++) {
            if (merged.get(i).isEmpty()) {
                merged.set(i, second.get(next++));
            }
        }
        return merged;
    }

    private static <T> List<Optional<T>> nothing(List<CacheKey> keys) {
        return Collections.nCopies(keys.size(), Optional.empty());
    }
}
