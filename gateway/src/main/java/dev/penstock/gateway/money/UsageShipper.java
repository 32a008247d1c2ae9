package dev.penstock.gateway.money;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes usage from the spool to the store, in batches, each until it is stored. One run at a time; a run goes on until the
 * spool is read. Reading is done on a worker, so calls may come from any thread.
 */
final class UsageShipper {
    private static final Logger log = LoggerFactory.getLogger(UsageShipper.class);
    private static final long PERIOD_MILLIS = 500;
    private static final int BATCH = 500;

    private final Vertx vertx;
    private final UsageSpool spool;
    private final SpoolReader reader;
    private final UsageStore store;
    private final Path folder;
    private final AtomicReference<@Nullable Future<Void>> running = new AtomicReference<>();
    /** Read, and not stored yet. Only of the one that runs. */
    private volatile List<UsageRecord> waiting = List.of();

    private volatile boolean recovered;
    private volatile boolean waitsForRecovery;
    private volatile boolean stuck;
    private long timer = -1;

    UsageShipper(Vertx vertx, UsageSpool spool, UsageStore store, Path folder) {
        this.vertx = vertx;
        this.spool = spool;
        this.reader = new SpoolReader(spool);
        this.store = store;
        this.folder = folder;
    }

    void start() {
        timer = vertx.setPeriodic(1, PERIOD_MILLIS, id -> flush());
    }

    /** Whether what dead processes left is stored. */
    boolean recovered() {
        return recovered;
    }

    /** Records that were read and wait for the store, and attempts that have not ended. */
    int depth() {
        return waiting.size() + reader.openAttempts();
    }

    /** Takes everything that has ended until now to the store; failed where that is not possible now. */
    Future<Void> flush() {
        Promise<Void> promise = Promise.promise();
        Future<Void> mine = promise.future();
        Future<Void> other = running.compareAndExchange(null, mine);
        if (other != null) {
            return other;
        }
        run().onComplete(result -> {
            running.set(null);
            tell(result.cause());
            if (result.succeeded()) {
                promise.complete();
            } else {
                promise.fail(result.cause());
            }
        });
        return mine;
    }

    /** As {@link #flush()}, but what ended just before the call is among it also where a run was under way. */
    Future<Void> flushAll() {
        Future<Void> under = running.get();
        return under == null ? flush() : under.transform(done -> flush());
    }

    /** Stores what can be stored and stops; what cannot stays in the folder for the next start. */
    Future<Void> stop() {
        vertx.cancelTimer(timer);
        return flushAll()
                .otherwiseEmpty()
                .compose(v -> act(spool::close))
                .compose(v -> flush())
                .otherwiseEmpty()
                .compose(v -> act(spool::release));
    }

    private Future<Void> run() {
        Future<Void> before = recovered ? Future.succeededFuture() : recover();
        return before.compose(v -> storeWaiting()).compose(v -> step());
    }

    private Future<Void> recover() {
        Future<Void> read = waitsForRecovery
                ? Future.succeededFuture()
                : work(() -> reader.recover(folder)).map(records -> {
                    waiting = records;
                    waitsForRecovery = true;
                    return null;
                });
        return read.compose(v -> storeWaiting())
                .compose(v -> act(() -> {
                    reader.recovered();
                    recovered = true;
                }));
    }

    private Future<Void> storeWaiting() {
        List<UsageRecord> records = waiting;
        if (records.isEmpty()) {
            return Future.succeededFuture();
        }
        List<UsageRecord> first = records.subList(0, Math.min(BATCH, records.size()));
        return store.insert(first).compose(v -> {
            waiting = List.copyOf(records.subList(first.size(), records.size()));
            return storeWaiting();
        });
    }

    private Future<Void> step() {
        return work(() -> {
                    reader.stored();
                    if (spool.wantsSpare()) {
                        spool.prepare();
                    }
                    return reader.next(BATCH);
                })
                .compose(records -> {
                    if (records.isEmpty()) {
                        return Future.succeededFuture();
                    }
                    waiting = records;
                    return storeWaiting().compose(v -> step());
                });
    }

    private <T> Future<T> work(Callable<T> job) {
        return vertx.executeBlocking(job, false).map(Objects::requireNonNull);
    }

    private Future<Void> act(Act act) {
        return work(() -> {
                    act.run();
                    return Boolean.TRUE;
                })
                .mapEmpty();
    }

    /** What blocks and gives nothing. */
    @FunctionalInterface
    private interface Act {
        void run() throws IOException;
    }

    private void tell(@Nullable Throwable cause) {
        if ((cause != null) == stuck) {
            return;
        }
        stuck = cause != null;
        if (cause != null) {
            log.warn("usage waits in the spool, its store does not take it: {}", cause.toString());
        } else {
            log.info("usage reaches its store");
        }
    }
}
