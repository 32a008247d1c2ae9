package dev.penstock.gateway.money;

import dev.penstock.common.contract.Usage;
import dev.penstock.common.store.Postgres;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Sums of what was used, straight from the records: exact to the nano-dollar. Thread-safe. */
public final class CostReports {
    /** Groups that one report shows. */
    public static final int MOST_GROUPS = 1000;

    private static final int MOST_ATTEMPTS = 200;
    private static final String SUMS = """
            count(*), coalesce(sum(calls), 0)::bigint, sum(cost_nanos)::bigint, count(*) FILTER (WHERE cost_nanos IS NULL),
            count(*) FILTER (WHERE estimated), coalesce(sum(input_tokens), 0)::bigint,
            coalesce(sum(cached_tokens), 0)::bigint, coalesce(sum(cache_write_tokens), 0)::bigint,
            coalesce(sum(output_tokens), 0)::bigint, coalesce(sum(reasoning_tokens), 0)::bigint
            FROM penstock.usage_record""";
    private static final String SPAN =
            " WHERE day >= $1 AND day <= $2 AND at >= $3 AND at < $4 AND ($5::text IS NULL OR team = $5)";

    private final Postgres postgres;

    CostReports(Postgres postgres) {
        this.postgres = postgres;
    }

    /** What can be told apart; each is a column of the records. */
    public enum Group {
        MODEL("model"),
        KEY("key_id"),
        USER("user_name"),
        TEAM("team"),
        /** A record with two tags counts in both. */
        TAG("tag"),
        ROUTE("route");

        private final String column;

        Group(String column) {
            this.column = column;
        }
    }

    /**
     * One line.
     *
     * @param name null for records that have no such thing: without user, team or tag
     * @param costNanos of the records with a price; null where none has one
     * @param unpriced records whose price is not known, and whose cost is in no sum
     * @param estimated records that no backend counted
     */
    public record Line(
            @Nullable String name,
            long records,
            long calls,
            @Nullable Long costNanos,
            long unpriced,
            long estimated,
            Usage usage) {}

    /** @param lines the dearest first; at most {@link #MOST_GROUPS} */
    public record Report(Line total, List<Line> lines) {}

    /** One attempt of a request. */
    public record Attempted(
            Instant at,
            int attempt,
            String model,
            String instance,
            String outcome,
            @Nullable Long costNanos,
            Usage usage) {}

    /**
     * Failed where Postgres is away.
     *
     * @param team only what that team used; null for all
     */
    public Future<Report> report(Instant from, Instant to, Group group, @Nullable String team) {
        Tuple span = Tuple.of(day(from), day(to), from.atOffset(ZoneOffset.UTC), to.atOffset(ZoneOffset.UTC), team);
        String unnested = group == Group.TAG ? " LEFT JOIN LATERAL unnest(tags) AS tag ON true" : "";
        String grouped = "SELECT " + group.column + ", " + SUMS + unnested + SPAN
                + " GROUP BY 1 ORDER BY 4 DESC NULLS LAST, 1 LIMIT " + MOST_GROUPS;
        return postgres.query("SELECT NULL::text, " + SUMS + SPAN, span)
                .compose(total -> postgres.query(grouped, span).map(rows -> {
                    List<Line> lines = new ArrayList<>(rows.size());
                    rows.forEach(row -> lines.add(line(row)));
                    return new Report(line(total.iterator().next()), List.copyOf(lines));
                }));
    }

    /**
     * The attempts of a request, oldest first.
     *
     * @param keyId only those of that key; null for all
     * @param team only those of that team; null for all
     */
    public Future<List<Attempted>> request(String requestId, @Nullable String keyId, @Nullable String team) {
        return postgres.query(
                        """
                        SELECT at, attempt, model, instance, outcome, cost_nanos, input_tokens, cached_tokens,
                            cache_write_tokens, output_tokens, reasoning_tokens, estimated
                        FROM penstock.usage_record WHERE request_id = $1 AND ($2::text IS NULL OR key_id = $2)
                            AND ($3::text IS NULL OR team = $3)
                        ORDER BY at, id LIMIT\s""" + MOST_ATTEMPTS,
                        Tuple.tuple().addString(requestId).addString(keyId).addString(team))
                .map(rows -> {
                    List<Attempted> attempts = new ArrayList<>(rows.size());
                    rows.forEach(row -> attempts.add(attempted(row)));
                    return attempts;
                });
    }

    private static LocalDate day(Instant at) {
        return at.atOffset(ZoneOffset.UTC).toLocalDate();
    }

    private static Line line(Row row) {
        return new Line(
                row.getString(0),
                row.getLong(1),
                row.getLong(2),
                row.getLong(3),
                row.getLong(4),
                row.getLong(5),
                new Usage(
                        row.getLong(6),
                        row.getLong(7),
                        row.getLong(8),
                        row.getLong(9),
                        row.getLong(10),
                        row.getLong(5) > 0));
    }

    private static Attempted attempted(Row row) {
        OffsetDateTime at = row.getOffsetDateTime(0);
        return new Attempted(
                at.toInstant(),
                row.getInteger(1),
                row.getString(2),
                row.getString(3),
                row.getString(4).toLowerCase(Locale.ROOT),
                row.getLong(5),
                new Usage(
                        row.getLong(6),
                        row.getLong(7),
                        row.getLong(8),
                        row.getLong(9),
                        row.getLong(10),
                        row.getBoolean(11)));
    }
}
