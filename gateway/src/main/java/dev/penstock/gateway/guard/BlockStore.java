package dev.penstock.gateway.guard;

import dev.penstock.common.config.BlockConfig;
import dev.penstock.common.store.Postgres;
import dev.penstock.gateway.guard.policy.Block;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Blocks in {@code penstock.address_block}. Safe for use by many threads. */
final class BlockStore {
    /** Who behaves for this long begins anew. */
    private static final Duration MEMORY = Duration.ofDays(7);

    private static final String COLUMNS = "address, reason, strikes, began_at, ends_at, lifted_at, created_by, version";
    private static final String CHANGED =
            "select " + COLUMNS + " from penstock.address_block where version > $1 order by version limit $2";
    private static final String ALL = "select " + COLUMNS
            + " from penstock.address_block where lifted_at is null and (ends_at is null or ends_at > now())"
            + " order by version desc limit $1";
    /** Nothing comes back where another gateway was first. Each block in a row is twice as long as the one before. */
    private static final String PUNISH =
            "insert into penstock.address_block as b (address, reason, created_by, ends_at)"
                    + " values ($1, $2, 'guard', now() + $3 * interval '1 millisecond')"
                    + " on conflict (address) do update set reason = excluded.reason, created_by = excluded.created_by,"
                    + " began_at = now(), lifted_at = null,"
                    + " strikes = case when b.lifted_at is null and b.ends_at > now() - $5 * interval '1 millisecond'"
                    + " then b.strikes + 1 else 1 end,"
                    + " ends_at = now() + interval '1 millisecond' * least($4, $3 * power(2, least(20,"
                    + " case when b.lifted_at is null and b.ends_at > now() - $5 * interval '1 millisecond'"
                    + " then b.strikes else 0 end)))"
                    + " where b.lifted_at is not null or b.ends_at <= now() returning " + COLUMNS;

    private static final String PUT = "insert into penstock.address_block (address, reason, created_by, ends_at)"
            + " values ($1, $2, $3, $4) on conflict (address) do update set reason = excluded.reason,"
            + " created_by = excluded.created_by, began_at = now(), ends_at = excluded.ends_at, lifted_at = null"
            + " returning " + COLUMNS;
    /** A block that was made without Postgres. What is there already and lasts longer, or was changed later, stays. */
    private static final String SETTLE =
            "insert into penstock.address_block as b (address, reason, created_by, began_at, ends_at, strikes)"
                    + " values ($1, $2, $3, $4, $5, $6) on conflict (address) do update set reason = excluded.reason,"
                    + " created_by = excluded.created_by, began_at = excluded.began_at, ends_at = excluded.ends_at,"
                    + " lifted_at = null, strikes = case when b.lifted_at is null"
                    + " and b.ends_at > excluded.began_at - $7 * interval '1 millisecond'"
                    + " then b.strikes + excluded.strikes else excluded.strikes end"
                    + " where b.began_at < excluded.began_at and (b.lifted_at is not null and b.lifted_at < excluded.began_at"
                    + " or b.lifted_at is null and (excluded.ends_at is null or b.ends_at < excluded.ends_at))";

    private static final String SETTLE_LIFT = "update penstock.address_block set lifted_at = $2"
            + " where address = $1 and lifted_at is null and began_at <= $2 and (ends_at is null or ends_at > $2)";
    private static final String LIFT = "update penstock.address_block set lifted_at = now()"
            + " where address = $1 and lifted_at is null and (ends_at is null or ends_at > now()) returning " + COLUMNS;
    private static final String FORGET =
            "delete from penstock.address_block" + " where coalesce(lifted_at, ends_at) < now() - interval '30 days'";

    private final Postgres postgres;

    BlockStore(Postgres postgres) {
        this.postgres = postgres;
    }

    /** @param lifted whether somebody ended it before its time */
    record Stored(Block block, boolean lifted, long version) {}

    boolean available() {
        return postgres.available();
    }

    Future<List<Stored>> changedSince(long version, int limit) {
        return postgres.query(CHANGED, Tuple.of(version, limit)).map(BlockStore::read);
    }

    /** Those in force, newest first. */
    Future<List<Stored>> all(int limit) {
        return postgres.query(ALL, Tuple.of(limit)).map(BlockStore::read);
    }

    /** Blocks an address for as long as its past deserves; null where it is blocked already. */
    Future<@Nullable Stored> punish(String address, String reason, BlockConfig config) {
        Tuple values = Tuple.tuple()
                .addString(address)
                .addString(reason)
                .addDouble((double) config.duration().toMillis())
                .addDouble((double) config.longest().toMillis())
                .addDouble((double) MEMORY.toMillis());
        return postgres.query(PUNISH, values).map(rows -> first(read(rows)));
    }

    /** Blocks an address as an administrator says, whatever was before. */
    Future<@Nullable Stored> put(String address, String reason, String by, @Nullable Instant ends) {
        Tuple values = Tuple.tuple()
                .addString(address)
                .addString(reason)
                .addString(by)
                .addOffsetDateTime(ends == null ? null : OffsetDateTime.ofInstant(ends, ZoneOffset.UTC));
        return postgres.query(PUT, values).map(rows -> first(read(rows)));
    }

    /** Writes what was done while Postgres was away, as of when it was done. May be repeated. */
    Future<Void> settle(Block block) {
        OffsetDateTime began = time(block.beganMillis());
        if (block.lifted()) {
            return postgres.query(SETTLE_LIFT, Tuple.of(block.address(), began)).mapEmpty();
        }
        Tuple values = Tuple.tuple()
                .addString(block.address())
                .addString(block.reason())
                .addString(block.by())
                .addOffsetDateTime(began)
                .addOffsetDateTime(block.endsMillis() == Block.NEVER ? null : time(block.endsMillis()))
                .addInteger(block.strikes())
                .addDouble((double) MEMORY.toMillis());
        return postgres.query(SETTLE, values).mapEmpty();
    }

    private static OffsetDateTime time(long millis) {
        return OffsetDateTime.ofInstant(Instant.ofEpochMilli(millis), ZoneOffset.UTC);
    }

    /** Ends a block; null where there is none. */
    Future<@Nullable Stored> lift(String address) {
        return postgres.query(LIFT, Tuple.of(address)).map(rows -> first(read(rows)));
    }

    /** Deletes what nobody needs to remember any more. */
    Future<Void> forget() {
        return postgres.query(FORGET, Tuple.tuple()).mapEmpty();
    }

    private static @Nullable Stored first(List<Stored> rows) {
        return rows.isEmpty() ? null : rows.getFirst();
    }

    private static List<Stored> read(RowSet<Row> rows) {
        List<Stored> blocks = new ArrayList<>(rows.size());
        for (Row row : rows) {
            OffsetDateTime ends = row.getOffsetDateTime("ends_at");
            Block block = new Block(
                    row.getString("address"),
                    row.getString("reason"),
                    row.getInteger("strikes"),
                    row.getOffsetDateTime("began_at").toInstant().toEpochMilli(),
                    ends == null ? Block.NEVER : ends.toInstant().toEpochMilli(),
                    row.getString("created_by"));
            blocks.add(new Stored(block, row.getOffsetDateTime("lifted_at") != null, row.getLong("version")));
        }
        return blocks;
    }
}
