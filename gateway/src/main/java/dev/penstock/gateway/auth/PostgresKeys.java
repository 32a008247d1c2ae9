package dev.penstock.gateway.auth;

import dev.penstock.common.contract.Priority;
import dev.penstock.common.store.Postgres;
import dev.penstock.common.unit.Bytes;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Keys in {@code penstock.api_key}. */
final class PostgresKeys implements KeyStore {
    private static final String COLUMNS =
            "id, name, hash, role, team, unlimited, priority, created_at, created_by, revoked_at, version";
    private static final String CHANGED =
            "select " + COLUMNS + " from penstock.api_key where version > $1 order by version limit $2";
    private static final String LIST =
            "select " + COLUMNS + " from penstock.api_key order by created_at desc, id limit $1";
    private static final String INSERT = "insert into penstock.api_key"
            + " (id, name, hash, role, team, unlimited, priority, created_at, created_by)"
            + " values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning " + COLUMNS;
    private static final String REVOKE = "update penstock.api_key set revoked_at = now()"
            + " where id = $1 and revoked_at is null returning " + COLUMNS;

    private final Postgres postgres;

    PostgresKeys(Postgres postgres) {
        this.postgres = postgres;
    }

    @Override
    public boolean available() {
        return postgres.available();
    }

    @Override
    public Future<List<KeyRecord>> changedSince(long version, int limit) {
        return postgres.query(CHANGED, Tuple.of(version, limit)).map(PostgresKeys::records);
    }

    @Override
    public Future<KeyRecord> insert(KeyRecord key) {
        Tuple values = Tuple.tuple()
                .addString(key.id())
                .addString(key.name())
                .addBuffer(Buffer.buffer(key.hash().unsafeArray()))
                .addString(key.role().label())
                .addString(key.team())
                .addBoolean(key.unlimited())
                .addString(key.priority().name().toLowerCase(Locale.ROOT))
                .addOffsetDateTime(OffsetDateTime.ofInstant(key.createdAt(), ZoneOffset.UTC))
                .addString(key.createdBy());
        return postgres.query(INSERT, values).map(rows -> records(rows).getFirst());
    }

    @Override
    public Future<Optional<KeyRecord>> revoke(String id) {
        return postgres.query(REVOKE, Tuple.of(id))
                .map(rows -> records(rows).stream().findFirst());
    }

    @Override
    public Future<List<KeyRecord>> list(int limit) {
        return postgres.query(LIST, Tuple.of(limit)).map(PostgresKeys::records);
    }

    private static List<KeyRecord> records(RowSet<Row> rows) {
        List<KeyRecord> records = new ArrayList<>(rows.size());
        for (Row row : rows) {
            records.add(record(row));
        }
        return records;
    }

    private static KeyRecord record(Row row) {
        OffsetDateTime revoked = row.getOffsetDateTime("revoked_at");
        return new KeyRecord(
                row.getString("id"),
                row.getString("name"),
                Bytes.of(row.getBuffer("hash")),
                AccessRole.valueOf(row.getString("role").toUpperCase(Locale.ROOT)),
                row.getString("team"),
                row.getBoolean("unlimited"),
                Priority.valueOf(row.getString("priority").toUpperCase(Locale.ROOT)),
                row.getOffsetDateTime("created_at").toInstant(),
                row.getString("created_by"),
                revoked == null ? null : revoked.toInstant(),
                row.getLong("version"));
    }
}
