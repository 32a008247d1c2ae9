package dev.penstock.alert.store;

import dev.penstock.alert.policy.Tracked;
import dev.penstock.common.contract.AlertContract.Event;
import dev.penstock.common.store.Postgres;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Alerts in Postgres. Every write is safe to repeat: rows go by id and by revision. */
public final class PostgresAlerts {
    private static final String UPSERT = """
            INSERT INTO penstock.alert (id, fingerprint, state, revision, updated_at, body)
            VALUES ($1, $2, $3, $4, now(), $5)
            ON CONFLICT (id) DO UPDATE
            SET state = excluded.state, revision = excluded.revision, updated_at = now(), body = excluded.body
            WHERE penstock.alert.revision < excluded.revision""";
    private static final String DROP = "DELETE FROM penstock.alert WHERE id = $1 AND state = 'PENDING'";
    private static final String APPEND =
            "INSERT INTO penstock.alert_event (id, at, body) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING";
    private static final String OPEN_OR_RECENT = """
            (SELECT body FROM penstock.alert WHERE state <> 'RESOLVED')
            UNION ALL
            (SELECT body FROM penstock.alert WHERE state = 'RESOLVED' ORDER BY updated_at DESC LIMIT $1)""";
    private static final String NEWEST_EVENTS =
            "SELECT body FROM (SELECT id, body FROM penstock.alert_event ORDER BY id DESC LIMIT $1) newest ORDER BY id";
    private static final String PURGE_EVENTS =
            "DELETE FROM penstock.alert_event WHERE at < $1 AND id < (SELECT max(id) FROM penstock.alert_event)";
    private static final String PURGE_RESOLVED = """
            DELETE FROM penstock.alert WHERE state = 'RESOLVED' AND updated_at < $1 AND updated_at < (
                SELECT updated_at FROM penstock.alert
                WHERE state = 'RESOLVED' ORDER BY updated_at DESC OFFSET $2 LIMIT 1)""";

    private final Postgres postgres;

    public PostgresAlerts(Postgres postgres) {
        this.postgres = postgres;
    }

    public boolean available() {
        return postgres.available();
    }

    /** Stores all records or none. */
    public Future<Void> save(List<AlertRecord> records) {
        return postgres.transaction(connection -> {
            Future<?> last = Future.succeededFuture();
            for (AlertRecord record : records) {
                last = last.compose(done -> save(connection, record));
            }
            return last.mapEmpty();
        });
    }

    /** Every open alert and the newest resolved ones. */
    public Future<List<Tracked>> alerts(int resolvedLimit) {
        return postgres.query(OPEN_OR_RECENT, Tuple.of(resolvedLimit)).map(rows -> read(rows, Tracked.class));
    }

    /** The newest events, oldest first. */
    public Future<List<Event>> events(int limit) {
        return postgres.query(NEWEST_EVENTS, Tuple.of(limit)).map(rows -> read(rows, Event.class));
    }

    /**
     * Deletes events from before {@code horizon}; the newest one always stays, so that ids never start again. Resolved
     * alerts from before it go as well, but for the newest {@code resolvedKept}, which {@link #alerts} reads.
     */
    public Future<Void> purge(Instant horizon, int resolvedKept) {
        return postgres.query(PURGE_EVENTS, Tuple.of(utc(horizon)))
                .compose(done -> postgres.query(PURGE_RESOLVED, Tuple.of(utc(horizon), resolvedKept - 1)))
                .mapEmpty();
    }

    private static Future<?> save(SqlConnection connection, AlertRecord record) {
        Future<?> alert = switch (record) {
            case AlertRecord(Tracked tracked, var dropped, var event)
            when tracked != null -> connection.preparedQuery(UPSERT).execute(row(tracked));
            case AlertRecord(var tracked, String dropped, var event)
            when dropped != null -> connection.preparedQuery(DROP).execute(Tuple.of(dropped));
            default -> Future.succeededFuture();
        };
        Event event = record.event();
        return event == null ? alert : alert.compose(done -> append(connection, event));
    }

    private static Future<RowSet<Row>> append(SqlConnection connection, Event event) {
        return connection.preparedQuery(APPEND).execute(Tuple.of(event.id(), utc(event.at()), AlertJson.object(event)));
    }

    private static Tuple row(Tracked tracked) {
        return Tuple.of(
                tracked.alert().id(),
                tracked.alert().fingerprint(),
                tracked.alert().state().name(),
                tracked.revision(),
                AlertJson.object(tracked));
    }

    private static OffsetDateTime utc(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }

    private static <T> List<T> read(RowSet<Row> rows, Class<T> type) {
        Function<Row, T> reader = row -> AlertJson.read(row.getJsonObject(0).encode(), type);
        List<T> found = new ArrayList<>(rows.size());
        rows.forEach(row -> found.add(reader.apply(row)));
        return found;
    }
}
