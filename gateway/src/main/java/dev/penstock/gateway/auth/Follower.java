package dev.penstock.gateway.auth;

import dev.penstock.common.bus.Bus;
import dev.penstock.common.config.AuthConfig;
import dev.penstock.common.contract.SecurityContract;
import dev.penstock.common.time.Ticker;
import dev.penstock.gateway.auth.policy.Standing;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This process's copy of a small table, kept up to date by reading what changed, and beside that by reading from Redis
 * what ended: each alone is enough, and neither waits for the other. Reads are lock-free from any thread; the copy is
 * changed on one context alone.
 */
final class Follower<R, T extends Snapshot<R, T>> {
    private static final Logger log = LoggerFactory.getLogger(Follower.class);
    private static final int PAGE = 5_000;
    /** A row that was deleted by hand has no version: reading everything anew finds that it is gone. */
    private static final Duration FULL_READ_EVERY = Duration.ofMinutes(1);

    private static final Duration READ_LIMIT = Duration.ofSeconds(3);
    /** A start does not wait longer for the first read: the rows come when they come. */
    private static final Duration START_LIMIT = Duration.ofMillis(500);
    /** While Postgres is read, Redis is asked for the latest only; covers its delays and clocks that differ. */
    private static final Duration HEARD_WINDOW = Duration.ofMinutes(1);

    /** @param reading whether the last read of Postgres succeeded */
    private record View<T>(T table, boolean loaded, boolean reading, long postgresNanos, long storeNanos) {}

    private final String name;
    private final Vertx vertx;
    private final Context context;
    private final Source<R> source;
    private final Revocations revocations;
    private final AuthConfig config;
    private final Ticker ticker;
    private final Clock clock;
    private final T empty;
    private volatile View<T> view;
    private volatile boolean stopped;
    /** Our own changes until a read returns them. */
    private final List<R> unread = new ArrayList<>();
    /** What Redis told last; holds for reads of Postgres that began before. */
    private List<String> heard = List.of();

    private boolean refreshing;
    private boolean again;
    private boolean hearing;
    private boolean everything;
    private long fullReadNanos;
    private long timer = -1;

    /** Where the rows last. */
    interface Source<R> {
        /** Whether reads can be expected to succeed now. */
        boolean available();

        /** Rows with a greater version, oldest first, at most {@code limit}; ended ones too. */
        Future<List<R>> changedSince(long version, int limit);
    }

    /** @param name for logs, in the plural */
    Follower(
            String name,
            Vertx vertx,
            T empty,
            Source<R> source,
            Revocations revocations,
            AuthConfig config,
            Ticker ticker,
            Clock clock) {
        this.name = name;
        this.vertx = vertx;
        this.context = vertx.getOrCreateContext();
        this.source = source;
        this.revocations = revocations;
        this.config = config;
        this.ticker = ticker;
        this.clock = clock;
        this.empty = empty;
        this.view = new View<>(empty, false, false, ticker.nanos(), ticker.nanos());
    }

    /** Completed after the first attempt to read, whatever came of it. */
    Future<Void> start(Bus bus) {
        return bus.subscribe(SecurityContract.KEYS_CHANGED, change -> onContext(this::tick))
                .compose(subscribed -> {
                    Promise<Void> first = Promise.promise();
                    onContext(() -> {
                        timer = vertx.setPeriodic(config.refresh().toMillis(), id -> tick());
                        hear();
                        refresh(first::tryComplete);
                    });
                    return first.future()
                            .timeout(START_LIMIT.toMillis(), TimeUnit.MILLISECONDS)
                            .otherwiseEmpty();
                });
    }

    void stop() {
        stopped = true;
        onContext(() -> vertx.cancelTimer(timer));
    }

    /** Changes identity whenever any row changes. */
    T table() {
        return view.table();
    }

    /** How far the copy can be relied on now. */
    Standing standing() {
        View<T> now = view;
        long nanos = ticker.nanos();
        var evidence = new Standing.Evidence(
                now.loaded(),
                now.reading() && source.available(),
                nanos - now.postgresNanos(),
                nanos - now.storeNanos());
        return Standing.of(evidence, config.refresh().multipliedBy(3).plus(READ_LIMIT), config.maxStale());
    }

    /** Takes changes in at once that this process made itself, also over a read that began before them. */
    Future<Void> learn(List<R> changes) {
        Promise<Void> done = Promise.promise();
        onContext(() -> {
            unread.addAll(changes);
            View<T> now = view;
            T table = withUnread(now.table());
            view = new View<>(table, now.loaded(), now.reading(), now.postgresNanos(), now.storeNanos());
            done.complete();
        });
        return done.future();
    }

    private T withUnread(T table) {
        unread.removeIf(table::includes);
        T result = table;
        for (R change : unread) {
            result = result.ahead(change);
        }
        return result;
    }

    private void onContext(Runnable work) {
        context.runOnContext(ignored -> work.run());
    }

    private void tick() {
        hear();
        refresh(() -> {});
    }

    private void refresh(Runnable done) {
        if (stopped) {
            done.run();
            return;
        }
        if (refreshing) {
            again = true;
            done.run();
            return;
        }
        refreshing = true;
        read().timeout(READ_LIMIT.toMillis() * 2, TimeUnit.MILLISECONDS)
                .onComplete(result -> onContext(() -> {
                    refreshing = false;
                    done.run();
                    if (again) {
                        again = false;
                        refresh(() -> {});
                    }
                }));
    }

    private Future<Void> read() {
        long now = ticker.nanos();
        boolean full = everything || !view.loaded() || now - fullReadNanos >= FULL_READ_EVERY.toNanos();
        everything = false;
        return pages(full ? empty : view.table()).transform(result -> {
            if (result.succeeded()) {
                if (full) {
                    fullReadNanos = now;
                }
                accept(result.result(), now);
            } else {
                failed(result.cause());
                everything |= full;
            }
            return Future.succeededFuture();
        });
    }

    private Future<T> pages(T table) {
        return source.changedSince(table.version(), PAGE).compose(rows -> {
            T next = table.with(rows);
            return rows.size() < PAGE ? Future.succeededFuture(next) : pages(next);
        });
    }

    private void accept(T table, long now) {
        if (!view.reading()) {
            log.info("{} are read from Postgres: {}", name, table.size());
        }
        view = new View<>(withUnread(table.heard(heard)), true, true, now, now);
    }

    private void failed(Throwable cause) {
        if (view.reading()) {
            log.warn("{} cannot be read: {}; what is known stays good", name, String.valueOf(cause.getMessage()));
        }
        View<T> before = view;
        view = new View<>(before.table(), before.loaded(), false, before.postgresNanos(), before.storeNanos());
    }

    private void hear() {
        if (stopped || hearing) {
            return;
        }
        hearing = true;
        long since = view.reading() ? clock.millis() - HEARD_WINDOW.toMillis() : 0;
        revocations
                .since(since)
                .onComplete(result -> onContext(() -> {
                    hearing = false;
                    if (result.succeeded()) {
                        accept(result.result());
                    }
                }));
    }

    private void accept(List<String> ended) {
        // What is no longer told may have come back: the rows say.
        everything |= !ended.containsAll(heard);
        heard = ended;
        View<T> now = view;
        view = new View<>(now.table().heard(ended), now.loaded(), now.reading(), now.postgresNanos(), ticker.nanos());
    }
}
