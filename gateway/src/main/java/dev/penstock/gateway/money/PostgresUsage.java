package dev.penstock.gateway.money;

import dev.penstock.common.contract.Usage;
import dev.penstock.common.store.Postgres;
import dev.penstock.gateway.money.policy.Price;
import io.vertx.core.Future;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The table {@code usage_record}, partitioned by day. Thread-safe. */
final class PostgresUsage implements UsageStore {
    private static final Logger log = LoggerFactory.getLogger(PostgresUsage.class);
    private static final String INSERT = """
            INSERT INTO penstock.usage_record (day, id, at, request_id, attempt, key_id, user_name, team, tags, route,
                operation, model, instance, outcome, calls, input_tokens, cached_tokens, cache_write_tokens,
                output_tokens, reasoning_tokens, estimated, cost_nanos)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)
            ON CONFLICT (day, id) DO NOTHING""";
    private static final String PARTITION = "SELECT penstock.usage_partition($1)";
    private static final Set<String> COLUMNS = Set.of("key_id", "user_name", "team");
    private static final int MOST_DAYS = 400;

    private final Postgres postgres;
    /** Days that have their partition; a few. */
    private final Set<LocalDate> days = ConcurrentHashMap.newKeySet();

    private final LongAdder refused = new LongAdder();

    PostgresUsage(Postgres postgres) {
        this.postgres = postgres;
    }

    /** Records that Postgres will never take, each of them logged. */
    long refused() {
        return refused.sum();
    }

    @Override
    public Future<Void> insert(List<UsageRecord> records) {
        if (records.isEmpty()) {
            return Future.succeededFuture();
        }
        Set<LocalDate> missing = records.stream()
                .map(record -> record.intent().day())
                .filter(day -> !days.contains(day))
                .collect(Collectors.toSet());
        Future<Void> ready = Future.succeededFuture();
        for (LocalDate day : missing) {
            ready = ready.compose(v -> postgres.query(PARTITION, Tuple.of(day))).map(done -> {
                if (days.size() > MOST_DAYS) {
                    days.clear();
                }
                days.add(day);
                return null;
            });
        }
        return ready.compose(v -> postgres.batch(
                                INSERT,
                                records.stream().map(PostgresUsage::tuple).toList())
                        .<Void>mapEmpty())
                .recover(cause -> unusable(cause) ? oneByOne(records, cause) : Future.failedFuture(cause));
    }

    /** One row that Postgres will never take must not keep all others waiting. */
    private Future<Void> oneByOne(List<UsageRecord> records, Throwable cause) {
        if (records.size() == 1) {
            refused.increment();
            log.error(
                    "the usage record {} is lost: Postgres does not take it",
                    records.getFirst().id(),
                    cause);
            return Future.succeededFuture();
        }
        Future<Void> all = Future.succeededFuture();
        for (UsageRecord record : records) {
            all = all.compose(v -> insert(List.of(record)));
        }
        return all;
    }

    /** Data exceptions and broken constraints, by their SQL state's class. */
    private static boolean unusable(Throwable cause) {
        return cause instanceof PgException refusal
                && (refusal.getSqlState().startsWith("22")
                        || refusal.getSqlState().startsWith("23"));
    }

    @Override
    public Future<Long> spent(String column, String subject, LocalDate since) {
        String sql = "SELECT coalesce(sum(cost_nanos), 0)::bigint FROM penstock.usage_record WHERE day >= $1";
        Tuple parameters = Tuple.of(since);
        if (column.equals("tags")) {
            sql += " AND tags @> ARRAY[$2::text]";
            parameters = Tuple.of(since, subject);
        } else if (COLUMNS.contains(column)) {
            sql += " AND " + column + " = $2";
            parameters = Tuple.of(since, subject);
        }
        return postgres.query(sql, parameters)
                .map(rows -> rows.iterator().next().getLong(0));
    }

    private static Tuple tuple(UsageRecord record) {
        UsageIntent intent = record.intent();
        UsageOutcome outcome = record.outcome();
        Usage usage = outcome.usage();
        Tuple row = Tuple.tuple();
        row.addLocalDate(intent.day())
                .addString(record.id())
                .addOffsetDateTime(Instant.ofEpochMilli(intent.atMillis()).atOffset(ZoneOffset.UTC))
                .addString(intent.requestId())
                .addInteger(intent.attempt())
                .addString(intent.keyId())
                .addString(intent.user().isEmpty() ? null : intent.user())
                .addString(intent.team().isEmpty() ? null : intent.team())
                .addArrayOfString(intent.tags().toArray(String[]::new))
                .addString(intent.route())
                .addString(intent.operation())
                .addString(intent.model())
                .addString(outcome.instance())
                .addString(outcome.end().name().toLowerCase(Locale.ROOT))
                .addInteger(outcome.calls());
        return row.addLong(usage.inputTokens())
                .addLong(usage.cachedTokens())
                .addLong(usage.cacheWriteTokens())
                .addLong(usage.outputTokens())
                .addLong(usage.reasoningTokens())
                .addBoolean(usage.estimated())
                .addLong(outcome.cost() == Price.UNPRICED ? null : outcome.cost());
    }
}
