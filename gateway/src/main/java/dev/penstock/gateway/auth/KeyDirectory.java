package dev.penstock.gateway.auth;

import dev.penstock.common.bus.Bus;
import dev.penstock.common.config.AuthConfig;
import dev.penstock.common.contract.SecurityContract;
import dev.penstock.common.time.Ticker;
import dev.penstock.common.unit.Bytes;
import dev.penstock.gateway.auth.policy.Standing;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This process's copy of all keys, kept up to date by reading what changed. Reads are lock-free from any thread; the
 * copy is changed on one context alone.
 */
final class KeyDirectory {
    private static final Logger log = LoggerFactory.getLogger(KeyDirectory.class);
    private static final int PAGE = 5_000;
    /** A row that was deleted by hand has no version: reading everything anew finds that it is gone. */
    private static final Duration FULL_READ_EVERY = Duration.ofMinutes(1);

    private static final Duration READ_LIMIT = Duration.ofSeconds(3);
    /** A start does not wait longer for the first read: the keys come when they come. */
    private static final Duration START_LIMIT = Duration.ofMillis(500);

    /** @param reading whether the last read of Postgres succeeded */
    private record View(KeyTable table, boolean loaded, boolean reading, long postgresNanos, long storeNanos) {}

    private final Vertx vertx;
    private final Context context;
    private final KeyStore store;
    private final Revocations revocations;
    private final AuthConfig config;
    private final Ticker ticker;
    private volatile View view;
    private volatile boolean stopped;
    /** Our own changes until a read returns them. */
    private final List<KeyRecord> unread = new ArrayList<>();

    private boolean refreshing;
    private boolean again;
    private long fullReadNanos;
    private long timer = -1;

    KeyDirectory(Vertx vertx, KeyStore store, Revocations revocations, AuthConfig config, Ticker ticker) {
        this.vertx = vertx;
        this.context = vertx.getOrCreateContext();
        this.store = store;
        this.revocations = revocations;
        this.config = config;
        this.ticker = ticker;
        this.view = new View(KeyTable.EMPTY, false, false, ticker.nanos(), ticker.nanos());
    }

    /** Completed after the first attempt to read, whatever came of it. */
    Future<Void> start(Bus bus) {
        return bus.subscribe(SecurityContract.KEYS_CHANGED, change -> onContext(this::refresh))
                .compose(subscribed -> {
                    Promise<Void> first = Promise.promise();
                    onContext(() -> {
                        timer = vertx.setPeriodic(config.refresh().toMillis(), id -> refresh());
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

    KeyTable.@Nullable Entry byHash(Bytes hash) {
        return view.table().byHash(hash);
    }

    KeyTable.@Nullable Entry byId(String id) {
        return view.table().byId(id);
    }

    /** Changes identity whenever any key changes. */
    KeyTable table() {
        return view.table();
    }

    /** How far the copy can be relied on now. */
    Standing standing() {
        View now = view;
        long nanos = ticker.nanos();
        var evidence = new Standing.Evidence(
                now.loaded(),
                now.reading() && store.available(),
                nanos - now.postgresNanos(),
                nanos - now.storeNanos());
        return Standing.of(evidence, config.refresh().multipliedBy(3).plus(READ_LIMIT), config.maxStale());
    }

    /** Takes a change in at once that this process made itself, also over a read that began before it. */
    Future<Void> learn(KeyRecord change) {
        Promise<Void> done = Promise.promise();
        onContext(() -> {
            unread.add(change);
            View now = view;
            KeyTable table = withUnread(now.table());
            view = new View(table, now.loaded(), now.reading(), now.postgresNanos(), now.storeNanos());
            done.complete();
        });
        return done.future();
    }

    private KeyTable withUnread(KeyTable table) {
        unread.removeIf(change -> change.version() <= table.version());
        KeyTable result = table;
        for (KeyRecord change : unread) {
            result = change.live() ? result.with(List.of(atVersion(change, 0))) : result.without(List.of(change.id()));
        }
        return result;
    }

    /** Another gateway's change may have a lower version and not be read yet: our own must not skip it. */
    private static KeyRecord atVersion(KeyRecord key, long version) {
        return new KeyRecord(
                key.id(),
                key.name(),
                key.hash(),
                key.role(),
                key.team(),
                key.unlimited(),
                key.priority(),
                key.createdAt(),
                key.createdBy(),
                key.revokedAt(),
                version);
    }

    private void onContext(Runnable work) {
        context.runOnContext(ignored -> work.run());
    }

    private void refresh() {
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
                        refresh();
                    }
                }));
    }

    private Future<Void> read() {
        long now = ticker.nanos();
        boolean full = !view.loaded() || now - fullReadNanos >= FULL_READ_EVERY.toNanos();
        KeyTable from = full ? KeyTable.EMPTY : view.table();
        return pages(from).transform(result -> {
            if (result.succeeded()) {
                if (full) {
                    fullReadNanos = now;
                }
                accept(result.result(), now);
                return Future.succeededFuture();
            }
            return readRevocations(result.cause());
        });
    }

    private Future<KeyTable> pages(KeyTable table) {
        return store.changedSince(table.version(), PAGE).compose(rows -> {
            KeyTable next = table.with(rows);
            return rows.size() < PAGE ? Future.succeededFuture(next) : pages(next);
        });
    }

    private void accept(KeyTable table, long now) {
        if (!view.reading()) {
            log.info("keys are read from Postgres: {} live", table.size());
        }
        view = new View(withUnread(table), true, true, now, now);
    }

    private Future<Void> readRevocations(Throwable cause) {
        if (view.reading()) {
            log.warn("keys cannot be read: {}; known ones stay good", String.valueOf(cause.getMessage()));
        }
        View before = view;
        view = new View(before.table(), before.loaded(), false, before.postgresNanos(), before.storeNanos());
        return revocations.read().transform(result -> {
            if (result.succeeded()) {
                View now = view;
                KeyTable table = now.table().without(result.result());
                view = new View(table, now.loaded(), now.reading(), now.postgresNanos(), ticker.nanos());
            }
            return Future.succeededFuture();
        });
    }
}
