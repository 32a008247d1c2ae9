package dev.penstock.gateway.money;

import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.store.Redis;
import dev.penstock.common.store.Scripts;
import dev.penstock.gateway.money.policy.Budget;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The state of budgets that all gateways share, in Redis. One script call decides about all budgets of a call; all keys
 * have one hash tag, so a Redis Cluster keeps them on one node. What Redis does not know, at a period's start or after it
 * was emptied, is made from the sums in Postgres. Thread-safe.
 */
final class BudgetBank {
    private static final String PREFIX = "penstock:{money}:";
    private static final String LAPSES = PREFIX + "lapses";
    private static final String HELD = PREFIX + "held";
    private static final Redis.Script RESERVE = Scripts.load(BudgetBank.class, "reserve.lua");
    private static final Redis.Script SETTLE = Scripts.load(BudgetBank.class, "settle.lua");
    private static final int TRIES = 12;
    /** A period's key outlives it by as long as a late settlement may take. */
    private static final Duration AFTERLIFE = Duration.ofDays(2);

    private final Redis redis;
    private final UsageStore store;
    /** Sums that are being read, so that a hundred first calls read them once. */
    private final Map<String, Future<Void>> opening = new ConcurrentHashMap<>();

    BudgetBank(Redis redis, UsageStore store) {
        this.redis = redis;
        this.store = store;
    }

    boolean available() {
        return redis.available();
    }

    /**
     * What the script said.
     *
     * @param refusedBy index of the budget that has too little left; -1 where the call is admitted
     * @param used spent and set aside of each budget, before this call
     */
    record Decision(int refusedBy, List<Long> used) {}

    /** Sets {@code nanos} aside in all budgets or in none. */
    Future<Decision> reserve(
            String id, List<Budget> budgets, LocalDate day, long nanos, long nowMillis, long lapsesAtMillis) {
        return reserve(id, budgets, day, nanos, nowMillis, lapsesAtMillis, TRIES);
    }

    private Future<Decision> reserve(
            String id, List<Budget> budgets, LocalDate day, long nanos, long now, long lapsesAt, int tries) {
        List<Object> arguments = new ArrayList<>(4 + budgets.size());
        arguments.add(id);
        arguments.add(Long.toString(nanos));
        arguments.add(Long.toString(now));
        arguments.add(Long.toString(lapsesAt));
        budgets.forEach(budget -> arguments.add(budget.hard() ? Long.toString(budget.limitNanos()) : "-1"));
        return redis.script(RESERVE, keys(budgets, day), arguments).compose(reply -> {
            long verdict = number(reply, 0);
            int index = (int) number(reply, 1) - 1;
            if (verdict >= 0) {
                List<Long> used = new ArrayList<>(budgets.size());
                for (int i = 0; i < budgets.size(); i++) {
                    used.add(number(reply, i + 2));
                }
                return Future.succeededFuture(new Decision(verdict == 1 ? -1 : index, used));
            }
            if (tries == 0) {
                return Future.failedFuture(Fault.of(FaultCode.UNAVAILABLE, "The budgets cannot be read."));
            }
            return open(budgets.get(index), day)
                    .compose(done -> reserve(id, budgets, day, nanos, now, lapsesAt, tries - 1));
        });
    }

    /** Replaces what was set aside; where this fails the reservation lapses and counts as it was. */
    Future<Void> settle(
            String id, List<Budget> budgets, LocalDate day, long reserved, long used, long nowMillis, long lapsesAt) {
        if (reserved == 0 && used == 0) {
            return Future.succeededFuture();
        }
        return redis.script(
                        SETTLE,
                        keys(budgets, day),
                        List.of(
                                id,
                                Long.toString(reserved),
                                Long.toString(used),
                                Long.toString(nowMillis),
                                Long.toString(lapsesAt)))
                .mapEmpty();
    }

    /** Spent and set aside; read or made. */
    Future<Spending> spending(Budget budget, LocalDate day) {
        return read(budget, day).compose(reply -> {
            if (reply != null && reply.get(0) != null) {
                return Future.succeededFuture(spending(reply));
            }
            return open(budget, day).compose(done -> read(budget, day)).map(BudgetBank::spending);
        });
    }

    private Future<@Nullable Response> read(Budget budget, LocalDate day) {
        return redis.send(Command.HMGET, key(budget, day), "spent", "reserved");
    }

    private static Spending spending(@Nullable Response reply) {
        return new Spending(number(reply, 0), number(reply, 1));
    }

    /** What a gateway spent while Redis was away. */
    Future<Void> add(Budget budget, LocalDate day, long nanos) {
        return spending(budget, day)
                .compose(known -> redis.send(Command.HINCRBY, key(budget, day), "spent", Long.toString(nanos)))
                .mapEmpty();
    }

    /** Makes the state of a budget from what is in Postgres, unless somebody else did meanwhile. */
    private Future<Void> open(Budget budget, LocalDate day) {
        String key = key(budget, day);
        return opening.computeIfAbsent(
                key,
                k -> sum(store, budget, day)
                        .compose(spent -> redis.send(Command.HSETNX, key, "spent", Long.toString(spent)))
                        .compose(set -> redis.send(
                                Command.PEXPIREAT,
                                key,
                                Long.toString(budget.end(day)
                                        .atStartOfDay()
                                        .toInstant(ZoneOffset.UTC)
                                        .plus(AFTERLIFE)
                                        .toEpochMilli())))
                        .<Void>mapEmpty()
                        .onComplete(done -> forget(key)));
    }

    private void forget(String key) {
        opening.remove(key);
    }

    /** What Postgres says was spent in the period of that day. */
    static Future<Long> sum(UsageStore store, Budget budget, LocalDate day) {
        String column = switch (budget.scope()) {
            case KEY -> "key_id";
            case USER -> "user_name";
            case TEAM -> "team";
            case TAG -> "tags";
            case ALL -> "";
        };
        return store.spent(column, budget.subject(), budget.start(day));
    }

    static LocalDate day(long nowMillis) {
        return Instant.ofEpochMilli(nowMillis).atOffset(ZoneOffset.UTC).toLocalDate();
    }

    private static List<String> keys(List<Budget> budgets, LocalDate day) {
        List<String> keys = new ArrayList<>(2 + budgets.size());
        keys.add(LAPSES);
        keys.add(HELD);
        budgets.forEach(budget -> keys.add(key(budget, day)));
        return keys;
    }

    /** Scope and subject are part of it: a budget that changes hands begins with what the new one spent. */
    private static String key(Budget budget, LocalDate day) {
        String who = budget.scope().name().toLowerCase(Locale.ROOT) + ':' + budget.subject();
        return PREFIX + "budget:" + budget.name() + ':' + budget.start(day) + ':'
                + Integer.toHexString((who + budget.period()).hashCode());
    }

    private static long number(@Nullable Response reply, int index) {
        if (reply == null || reply.size() <= index || reply.get(index) == null) {
            return 0;
        }
        Long value = reply.get(index).toLong();
        return value == null ? 0 : value;
    }
}
