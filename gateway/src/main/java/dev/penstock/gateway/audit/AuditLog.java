package dev.penstock.gateway.audit;

import dev.penstock.common.contract.MonitorContract.Check;
import dev.penstock.common.contract.MonitorContract.Status;
import dev.penstock.common.contract.SecurityContract.Kind;
import dev.penstock.common.crypto.FieldCipher;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.service.ServiceContext;
import dev.penstock.common.telemetry.Telemetry;
import dev.penstock.gateway.audit.policy.RefusalCap;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the audit trail: in batches to Postgres, one at a time; to the spool while Postgres is away, and from there later,
 * once. Safe for many threads; the work is done on one context.
 */
public final class AuditLog implements Audit {
    private static final Logger log = LoggerFactory.getLogger(AuditLog.class);
    private static final int BATCH = 200;
    /** More than this wait on the disk instead. */
    private static final int MOST_WAITING = 2_000;

    private static final int REFUSALS_PER_SECOND = 20;
    private static final Duration TICK = Duration.ofSeconds(1);
    private static final Duration REMAINDER_EVERY = Duration.ofSeconds(10);
    private static final long SPOOL_BYTES = 64L * 1024 * 1024;
    private static final Duration STOP_LIMIT = Duration.ofSeconds(3);

    private record Waiting(AuditEntry entry, Promise<Void> done) {}

    private final ServiceContext services;
    private final Context context;
    private final AuditStore store;
    private final AuditSubjects subjects;
    private final AuditSpool spool;
    private final Clock clock;
    private final RefusalCap cap = new RefusalCap(REFUSALS_PER_SECOND);
    private final Telemetry.Counter spooled;
    private final Telemetry.Counter dropped;
    private final Telemetry.Counter counted;
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private Future<Void> writing = Future.succeededFuture();
    private boolean draining;
    private long remainderNanos;
    private long timer = -1;

    private AuditLog(ServiceContext services, FieldCipher cipher, Clock clock, long spoolBytes) {
        this.services = services;
        this.context = services.vertx().getOrCreateContext();
        this.subjects = new AuditSubjects(services.postgres(), cipher);
        this.store = new AuditStore(services.postgres(), subjects);
        this.spool = new AuditSpool(services.dataFolder().resolve("spool").resolve("audit"), cipher, spoolBytes);
        this.clock = clock;
        Telemetry telemetry = services.telemetry();
        this.spooled = telemetry.counter(
                "penstock_audit_spooled_total", "Acts that were kept on disk because Postgres was away.");
        this.dropped = telemetry.counter("penstock_audit_dropped_total", "Acts that could not be kept anywhere.");
        this.counted = telemetry.counter(
                "penstock_audit_refusals_counted_total", "Refusals beyond the rate that are written one by one.");
        telemetry.gauge("penstock_audit_spool_bytes", "Acts that wait on disk for Postgres.", spool::bytes);
    }

    /** The trail of this process; nothing is written before {@link #start}. */
    public static AuditLog open(ServiceContext services, FieldCipher cipher) {
        return new AuditLog(services, cipher, Clock.systemUTC(), SPOOL_BYTES);
    }

    static AuditLog open(ServiceContext services, FieldCipher cipher, long spoolBytes) {
        return new AuditLog(services, cipher, Clock.systemUTC(), spoolBytes);
    }

    /** Opens the spool; fails where its folder cannot be used. */
    public Future<Void> start() {
        services.health().register(this::check);
        Promise<Void> opened = Promise.promise();
        onContext(() -> context.<@Nullable Object>executeBlocking(() -> {
                    spool.open();
                    return null;
                })
                .onSuccess(done -> {
                    remainderNanos = services.ticker().nanos();
                    timer = services.vertx().setPeriodic(TICK.toMillis(), id -> tick());
                    opened.complete();
                })
                .onFailure(opened::fail));
        return opened.future();
    }

    /** Writes what waits, to the disk if it must be, and ends. */
    public Future<Void> stop() {
        Promise<Void> stopped = Promise.promise();
        onContext(() -> {
            services.vertx().cancelTimer(timer);
            remainder();
            List<Waiting> rest = List.copyOf(waiting);
            waiting.clear();
            Future.join(writing, write(rest))
                    .timeout(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS)
                    .<Void>mapEmpty()
                    .recover(late -> spool(rest))
                    .compose(done -> context.<@Nullable Object>executeBlocking(() -> {
                        spool.close();
                        return null;
                    }))
                    .onComplete(done -> stopped.complete());
        });
        return stopped.future();
    }

    @Override
    public Future<Void> record(Act act) {
        if (!cap.passes(act.kind(), services.ticker().nanos())) {
            counted.increment();
            return Future.succeededFuture();
        }
        Waiting one = new Waiting(AuditEntry.of(act, clock.instant(), 0), Promise.promise());
        onContext(() -> enqueue(one));
        return one.done().future();
    }

    /** For reading it back. */
    public AuditReader reader() {
        return new AuditReader(store, subjects, services.ticker());
    }

    private void onContext(Runnable work) {
        context.runOnContext(ignored -> work.run());
    }

    private void enqueue(Waiting one) {
        if (waiting.size() >= MOST_WAITING) {
            spool(List.of(one));
            return;
        }
        waiting.add(one);
        pump();
    }

    private void pump() {
        if (!writing.isComplete() || waiting.isEmpty()) {
            return;
        }
        List<Waiting> batch = new ArrayList<>();
        while (batch.size() < BATCH && !waiting.isEmpty()) {
            batch.add(waiting.remove());
        }
        writing = write(batch);
        writing.onComplete(done -> onContext(this::pump));
    }

    /** Never fails; all are told. */
    private Future<Void> write(List<Waiting> batch) {
        if (batch.isEmpty()) {
            return Future.succeededFuture();
        }
        if (!services.postgres().available()) {
            return spool(batch);
        }
        return append(entries(batch)).transform(result -> {
            if (result.succeeded()) {
                batch.forEach(one -> one.done().tryComplete());
                return Future.succeededFuture();
            }
            return spool(batch);
        });
    }

    /** Where the database refuses a batch, one of them is to blame: the others must not suffer for it. */
    private Future<Void> append(List<AuditEntry> entries) {
        return store.append(entries).recover(cause -> {
            if (cause instanceof Fault) {
                return Future.failedFuture(cause);
            }
            if (entries.size() == 1) {
                dropped.increment();
                log.error(
                        "the audit trail refused the act {}", entries.getFirst().id(), cause);
                return Future.succeededFuture();
            }
            Future<Void> chain = Future.succeededFuture();
            for (AuditEntry entry : entries) {
                chain = chain.compose(done -> append(List.of(entry)));
            }
            return chain;
        });
    }

    /** Never fails; what cannot be kept is counted and told in the log. */
    private Future<Void> spool(Collection<Waiting> batch) {
        List<AuditEntry> entries = entries(batch);
        return context.executeBlocking(() -> keep(entries)).transform(result -> {
            int kept = result.succeeded() && result.result() != null ? result.result() : 0;
            spooled.add(kept);
            if (kept < entries.size()) {
                dropped.add(entries.size() - kept);
                log.error("{} acts for the audit trail are lost: the spool is full or broken", entries.size() - kept);
            }
            batch.forEach(one -> one.done().tryComplete());
            return Future.succeededFuture();
        });
    }

    private int keep(List<AuditEntry> entries) {
        try {
            return spool.append(entries);
        } catch (IOException e) {
            log.error("the audit spool cannot be written", e);
            return 0;
        }
    }

    private static List<AuditEntry> entries(Collection<Waiting> batch) {
        return batch.stream().map(Waiting::entry).toList();
    }

    private void tick() {
        if (services.ticker().nanos() - remainderNanos >= REMAINDER_EVERY.toNanos()) {
            remainder();
        }
        if (!draining && spool.bytes() > 0 && services.postgres().available()) {
            draining = true;
            drain().onComplete(done -> onContext(() -> draining = false));
        }
    }

    /** One row for each kind of refusal that was only counted. */
    private void remainder() {
        remainderNanos = services.ticker().nanos();
        for (Map.Entry<Kind, Long> held : cap.takeHeld().entrySet()) {
            int further = (int) Math.min(Integer.MAX_VALUE, held.getValue());
            Act act = new Act(held.getKey(), "anonymous", "", "", "", false, "further refusals, counted only");
            enqueue(new Waiting(AuditEntry.of(act, clock.instant(), further), Promise.promise()));
        }
    }

    /** The oldest file, whole; it is deleted when all of it has arrived. */
    private Future<Void> drain() {
        return context.<@Nullable Path>executeBlocking(spool::oldest).compose(file -> {
            if (file == null) {
                return Future.succeededFuture();
            }
            return context.executeBlocking(() -> spool.read(file))
                    .compose(entries -> arrive(entries == null ? List.of() : entries, 0))
                    .compose(arrived -> context.<@Nullable Object>executeBlocking(() -> {
                        spool.delete(file);
                        return null;
                    }))
                    .onFailure(cause -> log.warn("the audit spool waits: {}", String.valueOf(cause.getMessage())))
                    .mapEmpty();
        });
    }

    private Future<Void> arrive(List<AuditEntry> entries, int from) {
        if (from >= entries.size()) {
            return Future.succeededFuture();
        }
        int to = Math.min(entries.size(), from + BATCH);
        return append(entries.subList(from, to)).compose(done -> arrive(entries, to));
    }

    private Check check() {
        long bytes = spool.bytes();
        return bytes == 0
                ? new Check("audit", Status.HEALTHY, null)
                : new Check("audit", Status.DEGRADED, bytes + " bytes of the trail wait on disk for Postgres.");
    }
}
