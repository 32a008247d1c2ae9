package dev.penstock.alert.store;

import dev.penstock.alert.policy.Tracked;
import dev.penstock.common.contract.AlertContract.Event;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Postgres, or the spool while Postgres is away. A change is durable when {@link #save} succeeds, wherever it went. The
 * caller makes one call at a time.
 */
public final class DurableAlerts {
    private static final Logger log = LoggerFactory.getLogger(DurableAlerts.class);
    /** How many stored events are compared with the spool: a write whose answer was lost may be in both. */
    private static final int OVERLAP = 1_000;

    private final Vertx vertx;
    private final PostgresAlerts postgres;
    private final AlertSpool spool;
    /** Written on the event loop, read by health on any thread. */
    private volatile boolean spooled;

    public DurableAlerts(Vertx vertx, PostgresAlerts postgres, AlertSpool spool) {
        this.vertx = vertx;
        this.postgres = postgres;
        this.spool = spool;
    }

    /** What is stored. */
    public record Stored(List<Tracked> alerts, List<Event> events) {}

    /** Whether the spool holds changes that Postgres lacks. */
    public boolean spooled() {
        return spooled;
    }

    public boolean postgresAvailable() {
        return postgres.available();
    }

    /** Stores one change: in Postgres, or in the spool if Postgres is away or refuses. */
    public Future<Void> save(AlertRecord record) {
        if (!postgres.available() || spooled) {
            return append(record);
        }
        return postgres.save(List.of(record)).recover(e -> {
            log.warn("Postgres did not take an alert, it goes to the spool: {}", e.toString());
            return append(record);
        });
    }

    /** What the spool holds from before this process started. */
    public Future<List<AlertRecord>> readSpool() {
        return vertx.executeBlocking(spool::read).map(read -> {
            List<AlertRecord> records = read == null ? List.of() : read;
            spooled = !records.isEmpty();
            return records;
        });
    }

    /**
     * Brings the spool's changes to Postgres and forgets them. Events whose ids another sequencer has given out meanwhile
     * are numbered anew behind those.
     */
    public Future<Void> replay() {
        return readSpool()
                .compose(records -> records.isEmpty()
                        ? Future.succeededFuture()
                        : postgres.events(OVERLAP)
                                .compose(newest -> postgres.save(renumbered(records, newest)))
                                .compose(saved -> vertx.executeBlocking(() -> {
                                    spool.clear();
                                    return null;
                                }))
                                .onSuccess(done -> {
                                    spooled = false;
                                    log.info("brought {} alert changes from the spool to Postgres", records.size());
                                })
                                .mapEmpty());
    }

    public Future<Stored> restore(int resolvedLimit, int eventLimit) {
        return postgres.alerts(resolvedLimit)
                .compose(alerts -> postgres.events(eventLimit).map(events -> new Stored(alerts, events)));
    }

    /** Deletes what nobody reads any more, see {@link PostgresAlerts#purge}. */
    public Future<Void> purge(Instant horizon, int resolvedKept) {
        return postgres.purge(horizon, resolvedKept);
    }

    static List<AlertRecord> renumbered(List<AlertRecord> records, List<Event> newestStored) {
        long next = newestStored.isEmpty() ? 1 : newestStored.getLast().id() + 1;
        List<AlertRecord> result = new ArrayList<>(records.size());
        for (AlertRecord record : records) {
            Event event = record.event();
            if (event == null || newestStored.stream().anyMatch(stored -> same(stored, event))) {
                result.add(new AlertRecord(record.tracked(), record.dropped(), null));
                continue;
            }
            long id = Math.max(next, event.id());
            next = id + 1;
            result.add(new AlertRecord(
                    record.tracked(), record.dropped(), new Event(id, event.kind(), event.alert(), event.at())));
        }
        return result;
    }

    private static boolean same(Event a, Event b) {
        return a.kind() == b.kind() && a.alert().id().equals(b.alert().id()) && a.at().equals(b.at());
    }

    private Future<Void> append(AlertRecord record) {
        return vertx.executeBlocking(() -> {
                    spool.append(List.of(record));
                    return null;
                })
                .onSuccess(done -> spooled = true)
                .mapEmpty();
    }
}
