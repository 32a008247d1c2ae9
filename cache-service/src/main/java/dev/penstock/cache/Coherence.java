package dev.penstock.cache;

import dev.penstock.cache.policy.Generations;
import dev.penstock.cache.policy.Generations.Mark;
import dev.penstock.cache.store.Known;
import dev.penstock.cache.store.PostgresGenerations;
import dev.penstock.cache.store.RedisGenerations;
import dev.penstock.cache.store.TierState;
import dev.penstock.common.contract.CacheContract.CacheKey;
import dev.penstock.common.contract.CacheContract.Scope;
import dev.penstock.common.service.ServiceContext;
import dev.penstock.common.store.Postgres;
import dev.penstock.common.store.Redis;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what this member knows of invalidations and what Redis and Postgres know of them together. A store that comes
 * back is taught everything that it missed, and is read again only then: what was invalidated while it was away does
 * not come back.
 *
 * <p>Used on the service's event loop; {@link #redisReady()} and {@link #postgresReady()} from any thread.
 */
final class Coherence implements TierState {
    private static final Logger log = LoggerFactory.getLogger(Coherence.class);
    private static final int MAX_TENANTS = 10_000;
    private static final int MAX_KEYS = 50_000;
    /** Marks that Postgres could not be told of; more become one mark of everything. */
    private static final int MAX_UNSAVED = 1_000;
    /** Marks that go to Postgres in one round. */
    private static final int SAVE_CHUNK = 50;
    /**
     * Rounds that a fresh member waits for a configured Postgres before it trusts Redis without it: only Postgres may
     * know what was invalidated while Redis was away and this member did not run.
     */
    private static final int MAX_MISSED = 10;
    /** Keys deleted from Redis in one write. */
    private static final int DELETE_CHUNK = 500;

    /** @param shared false while Redis is away: then it is applied before Redis is read again */
    record Numbered(Mark mark, boolean shared) {}

    private final Loop loop;
    private final Redis redis;
    private final Postgres postgres;
    private final RedisGenerations redisGenerations;
    private final PostgresGenerations postgresGenerations;
    private final boolean postgresConfigured;
    private final Consumer<Scope> forget;
    private final Runnable recovered;
    private final Generations generations = new Generations(MAX_TENANTS, MAX_KEYS);
    private final Deque<Mark> unsaved = new ArrayDeque<>();
    private Function<List<CacheKey>, Future<Void>> deleteFromRedis = keys -> Future.succeededFuture();
    private Function<CacheKey, Future<Void>> deleteFromPostgres = key -> Future.succeededFuture();

    private volatile boolean redisReady;
    private volatile boolean postgresReady;
    private boolean syncing;
    private boolean everReadPostgres;
    private int missedPostgres;
    private long readFromRedis = -1;
    /** Counts what was learned and each loss of Redis, so that a recovery sees that it is out of date. */
    private long changes;

    /**
     * @param forget drops what a scope covers from flights and heap; called for each invalidation that is news
     * @param recovered called each time that Redis takes over from the heap
     */
    Coherence(ServiceContext context, Loop loop, Consumer<Scope> forget, Runnable recovered) {
        this.loop = loop;
        this.redis = context.redis();
        this.postgres = context.postgres();
        this.redisGenerations = new RedisGenerations(redis);
        this.postgresGenerations = new PostgresGenerations(postgres);
        this.postgresConfigured = !context.config().postgres().url().reveal().isBlank();
        this.forget = forget;
        this.recovered = recovered;
    }

    /** Says how single entries are deleted; before {@link #start()}. */
    void deleters(Function<List<CacheKey>, Future<Void>> fromRedis, Function<CacheKey, Future<Void>> fromPostgres) {
        deleteFromRedis = fromRedis;
        deleteFromPostgres = fromPostgres;
    }

    /** Follows both stores from now on. */
    void start() {
        redis.onAvailability(up -> loop.run(() -> redisChanged(up)));
        postgres.onAvailability(up -> loop.run(() -> postgresChanged(up)));
        sync();
    }

    @Override
    public boolean redisReady() {
        return redisReady && redis.available();
    }

    @Override
    public boolean postgresReady() {
        return postgresReady && postgres.available();
    }

    @Override
    public boolean valid(CacheKey key, long stamp) {
        return generations.valid(key, stamp);
    }

    @Override
    public boolean storable(CacheKey key, long stamp) {
        return generations.storable(key, stamp);
    }

    /** The highest number known here. */
    long overall() {
        return generations.overall();
    }

    /** Learns of an invalidation from another member. */
    void learn(Mark mark) {
        if (generations.learn(mark)) {
            changes++;
            forget.accept(mark.scope());
        }
    }

    /** Numbers an invalidation at the best store there is and applies it here. Never fails. */
    Future<Numbered> invalidate(Scope scope) {
        return loop.here(number(scope)).map(numbered -> {
            learn(numbered.mark());
            return numbered;
        });
    }

    /** Tells Postgres of an invalidation that Redis numbered, or remembers to do so. Never fails. */
    Future<Void> save(Mark mark) {
        return loop.here(saveOne(mark)).otherwise(cause -> {
            later(mark);
            return null;
        });
    }

    /** One round of learning and teaching; each second, and when a store comes back. */
    void sync() {
        if (syncing) {
            return;
        }
        syncing = true;
        Future<Void> first = loop.here(syncPostgres()).transform(this::postgresDone);
        loop.here(first.compose(ignored -> syncRedis())).onComplete(result -> {
            syncing = false;
            if (result.failed()) {
                log.debug("generations could not be brought together", result.cause());
            }
        });
    }

    /** Deletes some marks from Postgres that no living entry can be older than. */
    Future<Integer> sweep(int limit) {
        return postgresGenerations.sweep(limit);
    }

    private Future<Numbered> number(Scope scope) {
        if (!redisReady()) {
            return numberWithoutRedis(scope);
        }
        return loop.here(redisGenerations.invalidate(scope, generations.overall()))
                .map(number -> new Numbered(new Mark(scope, number), true))
                .recover(cause -> {
                    distrustRedis();
                    return numberWithoutRedis(scope);
                });
    }

    private Future<Numbered> numberWithoutRedis(Scope scope) {
        Future<Long> number = postgres.available()
                ? postgresGenerations.invalidate(scope, generations.overall())
                : Future.failedFuture("away");
        return loop.here(number)
                .map(given -> new Numbered(new Mark(scope, given), false))
                .otherwise(cause -> {
                    Mark mark = new Mark(scope, generations.overall() + 1);
                    later(mark);
                    return new Numbered(mark, false);
                });
    }

    /** A call that should have worked did not: until the next round nobody knows what Redis has heard. */
    private void distrustRedis() {
        redisReady = false;
        changes++;
    }

    private void later(Mark mark) {
        if (!unsaved.contains(mark)) {
            unsaved.add(mark);
        }
        if (unsaved.size() > MAX_UNSAVED) {
            unsaved.clear();
            Mark all = new Mark(Scope.EVERYTHING, generations.overall());
            unsaved.add(all);
            learn(all);
        }
    }

    private void redisChanged(boolean up) {
        distrustRedis();
        if (up) {
            sync();
        }
    }

    private void postgresChanged(boolean up) {
        postgresReady = false;
        if (up) {
            sync();
        }
    }

    /** A Postgres that fails does not keep Redis from being followed, and only for a while from being trusted. */
    private Future<Void> postgresDone(AsyncResult<Boolean> result) {
        if (result.succeeded() && result.result()) {
            missedPostgres = 0;
            everReadPostgres = true;
        } else {
            missedPostgres++;
            log.debug("Postgres could not be asked for generations", result.cause());
        }
        return Future.succeededFuture();
    }

    /** Whether all is known that Postgres may know alone, or waiting for it has taken long enough. */
    private boolean mayTrustRedis() {
        boolean awayButKnown = everReadPostgres && !postgres.available();
        return postgresReady() || awayButKnown || !postgresConfigured || missedPostgres >= MAX_MISSED;
    }

    /** Whether Postgres was read. */
    private Future<Boolean> syncPostgres() {
        if (!postgres.available()) {
            return Future.succeededFuture(false);
        }
        Future<Known> read = postgresReady ? postgresGenerations.readRecent() : postgresGenerations.readAll();
        return loop.here(read)
                .compose(known -> {
                    known.marks().forEach(this::learn);
                    generations.observe(known.highest());
                    return saveSome(Math.min(SAVE_CHUNK, unsaved.size()));
                })
                .map(ignored -> {
                    postgresReady = postgres.available();
                    return postgresReady;
                });
    }

    private Future<Void> saveSome(int count) {
        Mark mark = count == 0 ? null : unsaved.peek();
        if (mark == null) {
            return Future.succeededFuture();
        }
        return loop.here(saveOne(mark)).compose(ignored -> {
            unsaved.remove(mark);
            return saveSome(count - 1);
        });
    }

    private Future<Void> saveOne(Mark mark) {
        CacheKey key = mark.scope().key();
        Future<Void> recorded = postgresGenerations.record(mark);
        return key == null ? recorded : recorded.compose(ignored -> deleteFromPostgres.apply(key));
    }

    private Future<Void> syncRedis() {
        if (!redis.available()) {
            return Future.succeededFuture();
        }
        if (redisReady) {
            return followRedis();
        }
        return mayTrustRedis() ? recoverRedis() : Future.succeededFuture();
    }

    private Future<Void> followRedis() {
        return loop.here(redisGenerations.read(readFromRedis)).compose(known -> {
            known.marks().forEach(this::learn);
            generations.observe(known.highest());
            readFromRedis = known.highest();
            List<Mark> news = generations.overall() > known.highest() ? generations.above(known.highest()) : List.of();
            return news.isEmpty() ? Future.succeededFuture() : redisGenerations.merge(news, generations.overall());
        });
    }

    private Future<Void> recoverRedis() {
        return loop.here(redisGenerations.read(-1)).compose(known -> {
            known.marks().forEach(this::learn);
            generations.observe(known.highest());
            readFromRedis = known.highest();
            long before = changes;
            List<Mark> all = generations.above(0);
            return loop.here(redisGenerations.merge(all, Math.max(known.highest(), generations.overall())))
                    .compose(ignored -> deleteAll(keys(all)))
                    .compose(ignored -> loop.here(Future.<Void>succeededFuture()))
                    .compose(ignored -> finishRecovery(before));
        });
    }

    private Future<Void> finishRecovery(long before) {
        if (changes != before || !redis.available()) {
            return redis.available() ? recoverRedis() : Future.succeededFuture();
        }
        redisReady = true;
        recovered.run();
        log.info("Redis serves as the shared tier from generation {} on", generations.overall());
        return Future.succeededFuture();
    }

    private Future<Void> deleteAll(List<CacheKey> keys) {
        if (keys.isEmpty()) {
            return Future.succeededFuture();
        }
        int head = Math.min(DELETE_CHUNK, keys.size());
        return deleteFromRedis
                .apply(keys.subList(0, head))
                .compose(ignored -> deleteAll(keys.subList(head, keys.size())));
    }

    private static List<CacheKey> keys(List<Mark> marks) {
        List<CacheKey> keys = new ArrayList<>();
        for (Mark mark : marks) {
            CacheKey key = mark.scope().key();
            if (key != null) {
                keys.add(key);
            }
        }
        return keys;
    }
}
