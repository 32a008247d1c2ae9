package dev.penstock.cache.store;

import dev.penstock.cache.policy.ScopeNames;
import dev.penstock.common.contract.CacheContract.CacheKey;
import dev.penstock.common.store.Postgres;
import dev.penstock.common.unit.Bytes;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Entries in Postgres: what was expensive to compute. */
final class PostgresTier {
    private static final String READ = """
            SELECT e.high, e.low, e.type, e.envelope
            FROM unnest($1::bigint[], $2::bigint[], $3::text[]) AS k(high, low, type)
            JOIN penstock.cache_entry e USING (high, low, type)
            WHERE e.expires_at > now()
            """;
    /** The guard makes storing and invalidating one decision of Postgres, whatever this member has heard of yet. */
    private static final String WRITE = """
            INSERT INTO penstock.cache_entry AS e (high, low, type, tenant, stamp, expires_at, envelope)
            SELECT $1::bigint, $2::bigint, $3::text, $4::text, $5::bigint,
                   now() + $6::bigint * interval '1 millisecond', $7::bytea
            WHERE NOT EXISTS (
                SELECT 1 FROM penstock.cache_generation WHERE scope = ANY ($8::text[]) AND number > $5::bigint)
            ON CONFLICT (high, low, type) DO UPDATE
            SET stamp = excluded.stamp, expires_at = excluded.expires_at, envelope = excluded.envelope
            WHERE e.stamp <= excluded.stamp
            """;

    private static final String DELETE = "DELETE FROM penstock.cache_entry WHERE high = $1 AND low = $2 AND type = $3";
    private static final String SWEEP = """
            DELETE FROM penstock.cache_entry WHERE ctid IN (
                SELECT ctid FROM penstock.cache_entry WHERE expires_at <= now()
                ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED)
            """;

    private record Name(long high, long low, String type) {
        static Name of(CacheKey key) {
            return new Name(key.high(), key.low(), key.type().name());
        }
    }

    private final Postgres postgres;
    private final long maxBody;

    PostgresTier(Postgres postgres, long maxBody) {
        this.postgres = postgres;
        this.maxBody = maxBody;
    }

    /** One result per key, in order. */
    Future<List<Optional<Stamped>>> read(List<CacheKey> keys) {
        Tuple parameters = Tuple.of(
                keys.stream().map(CacheKey::high).toArray(Long[]::new),
                keys.stream().map(CacheKey::low).toArray(Long[]::new),
                keys.stream().map(key -> key.type().name()).toArray(String[]::new));
        return postgres.query(READ, parameters).map(rows -> {
            Map<Name, Stamped> found = new HashMap<>();
            for (Row row : rows) {
                Name name = new Name(row.getLong("high"), row.getLong("low"), row.getString("type"));
                byte[] envelope = row.getBuffer("envelope").getBytes();
                Envelope.decode(envelope, maxBody).ifPresent(stamped -> found.put(name, stamped));
            }
            return keys.stream()
                    .map(key -> Optional.ofNullable(found.get(Name.of(key))))
                    .toList();
        });
    }

    Future<Void> write(CacheKey key, Bytes envelope, Duration left, long stamp) {
        Tuple parameters = Tuple.tuple()
                .addLong(key.high())
                .addLong(key.low())
                .addString(key.type().name())
                .addString(key.tenant())
                .addLong(stamp)
                .addLong(left.toMillis())
                .addBuffer(Buffer.buffer(envelope.unsafeArray()))
                .addArrayOfString(ScopeNames.covering(key).toArray(String[]::new));
        return postgres.query(WRITE, parameters).mapEmpty();
    }

    Future<Void> delete(CacheKey key) {
        return postgres.query(DELETE, Tuple.of(key.high(), key.low(), key.type().name()))
                .mapEmpty();
    }

    /** Deletes up to {@code limit} expired entries; members may do so at once. */
    Future<Integer> sweep(int limit) {
        return postgres.query(SWEEP, Tuple.of(limit)).map(rows -> rows.rowCount());
    }
}
