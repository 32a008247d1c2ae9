package dev.penstock.cache.store;

import dev.penstock.cache.policy.Generations.Mark;
import dev.penstock.cache.policy.Lifetime;
import dev.penstock.cache.policy.ScopeNames;
import dev.penstock.common.contract.CacheContract.Scope;
import dev.penstock.common.store.Postgres;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Invalidations in Postgres: they outlive an emptied Redis, and Postgres gives the numbers while Redis is away. */
public final class PostgresGenerations {
    private static final String HIGHEST = "#";
    private static final String INVALIDATE = """
            WITH next AS (
                INSERT INTO penstock.cache_generation AS g (scope, number) VALUES ('#', $2::bigint + 1)
                ON CONFLICT (scope) DO UPDATE
                SET number = greatest(g.number, $2::bigint) + 1, changed_at = now()
                RETURNING number)
            INSERT INTO penstock.cache_generation AS g (scope, number) SELECT $1, number FROM next
            ON CONFLICT (scope) DO UPDATE
            SET number = greatest(g.number, excluded.number), changed_at = now()
            RETURNING number
            """;
    private static final String RECORD = """
            INSERT INTO penstock.cache_generation AS g (scope, number) VALUES ('#', $2::bigint), ($1, $2::bigint)
            ON CONFLICT (scope) DO UPDATE
            SET number = greatest(g.number, excluded.number), changed_at = now()
            """;
    private static final String READ = "SELECT scope, number FROM penstock.cache_generation";
    private static final String READ_RECENT =
            READ + " WHERE changed_at > now() - $1::bigint * interval '1 millisecond'";
    private static final String SWEEP = """
            DELETE FROM penstock.cache_generation WHERE ctid IN (
                SELECT ctid FROM penstock.cache_generation
                WHERE scope <> '#' AND changed_at < now() - $1::bigint * interval '1 millisecond'
                LIMIT $2 FOR UPDATE SKIP LOCKED)
            """;
    /** Marks that are read again and again: covers the commit of a slow transaction and some missed rounds. */
    private static final Duration RECENT = Duration.ofSeconds(60);
    /** Entries that an older mark could cover have expired in every tier. */
    private static final Duration KEPT = Lifetime.LONGEST.plusDays(1);

    private final Postgres postgres;

    public PostgresGenerations(Postgres postgres) {
        this.postgres = postgres;
    }

    /** Numbers and remembers an invalidation; the number is above {@code floor}. */
    public Future<Long> invalidate(Scope scope, long floor) {
        return postgres.query(INVALIDATE, Tuple.of(ScopeNames.of(scope), floor))
                .map(rows -> rows.iterator().next().getLong("number"));
    }

    /** Remembers an invalidation that was numbered elsewhere. */
    public Future<Void> record(Mark mark) {
        return postgres.query(RECORD, Tuple.of(ScopeNames.of(mark.scope()), mark.number()))
                .mapEmpty();
    }

    public Future<Known> readAll() {
        return postgres.query(READ, Tuple.tuple()).map(PostgresGenerations::known);
    }

    /** What changed within the last minute. */
    public Future<Known> readRecent() {
        return postgres.query(READ_RECENT, Tuple.of(RECENT.toMillis())).map(PostgresGenerations::known);
    }

    /** Deletes up to {@code limit} marks that no living entry can be older than. */
    public Future<Integer> sweep(int limit) {
        return postgres.query(SWEEP, Tuple.of(KEPT.toMillis(), limit)).map(RowSet::rowCount);
    }

    private static Known known(RowSet<Row> rows) {
        long highest = 0;
        List<Mark> marks = new ArrayList<>();
        for (Row row : rows) {
            String name = row.getString("scope");
            long number = row.getLong("number");
            highest = Math.max(highest, number);
            if (!name.equals(HIGHEST)) {
                ScopeNames.parse(name).ifPresent(scope -> marks.add(new Mark(scope, number)));
            }
        }
        return new Known(highest, marks);
    }
}
