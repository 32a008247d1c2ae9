package dev.penstock.gateway.money;

import dev.penstock.common.config.BudgetConfig.Period;
import dev.penstock.common.config.BudgetConfig.Scope;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.store.Postgres;
import dev.penstock.gateway.money.policy.Budget;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The table {@code budget}: what was made through the API. Thread-safe. */
final class BudgetTable {
    private static final int MOST = 1000;

    private final Postgres postgres;

    BudgetTable(Postgres postgres) {
        this.postgres = postgres;
    }

    Future<List<Budget>> all() {
        return postgres.query(
                        "SELECT name, scope, subject, period, limit_nanos, hard, alert_at FROM penstock.budget"
                                + " ORDER BY name LIMIT $1",
                        Tuple.of(MOST))
                .map(rows -> {
                    List<Budget> budgets = new ArrayList<>(rows.size());
                    rows.forEach(row -> budgets.add(budget(row)));
                    return budgets;
                });
    }

    /** Failed with {@code CONFLICT} where the name is taken, or the table is full. */
    Future<Void> insert(Budget budget, String by) {
        return postgres.query(
                        "INSERT INTO penstock.budget (name, scope, subject, period, limit_nanos, hard, alert_at, changed_by)"
                                + " SELECT $1, $2, $3, $4, $5, $6, $7, $8"
                                + " WHERE (SELECT count(*) FROM penstock.budget) < " + MOST
                                + " ON CONFLICT (name) DO NOTHING",
                        tuple(budget, by))
                .compose(rows -> rows.rowCount() == 1
                        ? Future.succeededFuture()
                        : Future.failedFuture(Fault.of(
                                FaultCode.CONFLICT,
                                "There is a budget '" + budget.name() + "' already, or there are " + MOST + ".")));
    }

    /** Whether there was one. */
    Future<Boolean> update(Budget budget, String by) {
        return postgres.query(
                        "UPDATE penstock.budget SET scope = $2, subject = $3, period = $4, limit_nanos = $5, hard = $6,"
                                + " alert_at = $7, changed_by = $8, changed_at = now() WHERE name = $1",
                        tuple(budget, by))
                .map(rows -> rows.rowCount() == 1);
    }

    /** Whether there was one. */
    Future<Boolean> delete(String name) {
        return postgres.query("DELETE FROM penstock.budget WHERE name = $1", Tuple.of(name))
                .map(rows -> rows.rowCount() == 1);
    }

    private static Tuple tuple(Budget budget, String by) {
        return Tuple.tuple()
                .addString(budget.name())
                .addString(budget.scope().name().toLowerCase(Locale.ROOT))
                .addString(budget.subject())
                .addString(budget.period().name().toLowerCase(Locale.ROOT))
                .addLong(budget.limitNanos())
                .addBoolean(budget.hard())
                .addArrayOfInteger(budget.alertAt().toArray(Integer[]::new))
                .addString(by);
    }

    private static Budget budget(Row row) {
        return new Budget(
                row.getString("name"),
                Scope.valueOf(row.getString("scope").toUpperCase(Locale.ROOT)),
                row.getString("subject"),
                Period.valueOf(row.getString("period").toUpperCase(Locale.ROOT)),
                row.getLong("limit_nanos"),
                row.getBoolean("hard"),
                Arrays.asList(row.getArrayOfIntegers("alert_at")),
                false);
    }
}
