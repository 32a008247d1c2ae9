package dev.penstock.gateway.auth;

import dev.penstock.common.contract.Priority;
import dev.penstock.common.store.Postgres;
import dev.penstock.common.unit.Bytes;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Keys in {@code penstock.api_key}. */
final class PostgresKeys implements KeyStore {
    static final String COLUMNS =
            "id, name, hash, role, user_id, team, unlimited, priority, models, routes, rate_class,"
                    + " tags, budgets, created_at, created_by, expires_at, previous_hash, previous_until, suspended, revoked_at,"
                    + " version";
    private static final String CHANGED =
            "select " + COLUMNS + " from penstock.api_key where version > $1 order by version limit $2";
    private static final String LIST =
            "select " + COLUMNS + " from penstock.api_key order by created_at desc, id limit $1";
    private static final String INSERT = "insert into penstock.api_key"
            + " (id, name, hash, role, user_id, team, unlimited, priority, models, routes, rate_class, tags, budgets,"
            + " expires_at, previous_hash, previous_until, suspended, created_at, created_by)"
            + " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, " + suspended("$5", "$6")
            + ", $17, $18) returning " + COLUMNS;
    private static final String FOR_UPDATE =
            "select " + COLUMNS + " from penstock.api_key where id = $1 and revoked_at is null for update";
    private static final String UPDATE = "update penstock.api_key set name = $2, hash = $3, role = $4, user_id = $5,"
            + " team = $6, unlimited = $7, priority = $8, models = $9, routes = $10, rate_class = $11, tags = $12,"
            + " budgets = $13, expires_at = $14, previous_hash = $15, previous_until = $16, suspended = "
            + suspended("$5", "$6") + " where id = $1 returning " + COLUMNS;
    private static final String REVOKE = "update penstock.api_key set revoked_at = now()"
            + " where id = $1 and revoked_at is null returning " + COLUMNS;

    private final Postgres postgres;

    PostgresKeys(Postgres postgres) {
        this.postgres = postgres;
    }

    /** Why a key of that user and team rests now; an expression. */
    static String suspended(String user, String team) {
        return "case when exists (select 1 from penstock.app_user u where u.id = " + user
                + " and u.disabled_at is not null) then 'user'"
                + " when exists (select 1 from penstock.team t where t.name = " + team
                + " and t.disabled_at is not null) then 'team' end";
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
        Tuple values = values(key).addOffsetDateTime(at(key.createdAt())).addString(key.createdBy());
        return postgres.query(INSERT, values).map(rows -> records(rows).getFirst());
    }

    @Override
    public Future<Optional<KeyRecord>> change(String id, UnaryOperator<KeyRecord> change) {
        return postgres.transaction(connection -> connection
                .preparedQuery(FOR_UPDATE)
                .execute(Tuple.of(id))
                .compose(found -> {
                    Optional<KeyRecord> before = records(found).stream().findFirst();
                    if (before.isEmpty()) {
                        return Future.succeededFuture(before);
                    }
                    return connection
                            .preparedQuery(UPDATE)
                            .execute(values(change.apply(before.get())))
                            .map(rows -> records(rows).stream().findFirst());
                }));
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

    private static Tuple values(KeyRecord key) {
        KeyRecord.Previous previous = key.previous();
        return Tuple.tuple()
                .addString(key.id())
                .addString(key.name())
                .addBuffer(Buffer.buffer(key.hash().unsafeArray()))
                .addString(key.role().label())
                .addString(key.user())
                .addString(key.team())
                .addBoolean(key.unlimited())
                .addString(key.priority().name().toLowerCase(Locale.ROOT))
                .addArrayOfString(key.scope().models().toArray(String[]::new))
                .addArrayOfString(key.scope().routes().toArray(String[]::new))
                .addString(key.scope().rateClass())
                .addArrayOfString(key.scope().tags().toArray(String[]::new))
                .addArrayOfString(key.scope().budgets().toArray(String[]::new))
                .addOffsetDateTime(key.expiresAt() == null ? null : at(key.expiresAt()))
                .addBuffer(
                        previous == null ? null : Buffer.buffer(previous.hash().unsafeArray()))
                .addOffsetDateTime(previous == null ? null : at(previous.until()));
    }

    static OffsetDateTime at(Instant instant) {
        return OffsetDateTime.ofInstant(instant, ZoneOffset.UTC);
    }

    static List<KeyRecord> records(RowSet<Row> rows) {
        List<KeyRecord> records = new ArrayList<>(rows.size());
        for (Row row : rows) {
            records.add(record(row));
        }
        return records;
    }

    private static KeyRecord record(Row row) {
        return new KeyRecord(
                row.getString("id"),
                row.getString("name"),
                Bytes.of(row.getBuffer("hash")),
                AccessRole.valueOf(row.getString("role").toUpperCase(Locale.ROOT)),
                row.getString("user_id"),
                row.getString("team"),
                row.getBoolean("unlimited"),
                Priority.valueOf(row.getString("priority").toUpperCase(Locale.ROOT)),
                new Scope(
                        Set.copyOf(List.of(row.getArrayOfStrings("models"))),
                        Set.copyOf(List.of(row.getArrayOfStrings("routes"))),
                        row.getString("rate_class"),
                        List.of(row.getArrayOfStrings("tags")),
                        List.of(row.getArrayOfStrings("budgets"))),
                row.getOffsetDateTime("created_at").toInstant(),
                row.getString("created_by"),
                instant(row, "expires_at"),
                previous(row),
                row.getString("suspended"),
                instant(row, "revoked_at"),
                row.getLong("version"));
    }

    private static KeyRecord.@Nullable Previous previous(Row row) {
        Buffer hash = row.getBuffer("previous_hash");
        Instant until = instant(row, "previous_until");
        return hash == null || until == null ? null : new KeyRecord.Previous(Bytes.of(hash), until);
    }

    static @Nullable Instant instant(Row row, String column) {
        OffsetDateTime value = row.getOffsetDateTime(column);
        return value == null ? null : value.toInstant();
    }
}
