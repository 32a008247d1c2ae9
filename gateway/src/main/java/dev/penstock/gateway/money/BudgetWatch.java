package dev.penstock.gateway.money;

import dev.penstock.common.bus.CallContext;
import dev.penstock.common.config.BudgetConfig.Scope;
import dev.penstock.common.contract.AlertContract;
import dev.penstock.common.contract.AlertContract.Condition;
import dev.penstock.common.contract.AlertContract.Severity;
import dev.penstock.common.service.Role;
import dev.penstock.common.service.ServiceContext;
import dev.penstock.common.unit.Money;
import dev.penstock.gateway.money.policy.Budget;
import io.vertx.core.Future;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells people when budgets reach their thresholds: one gateway looks at what was spent and sends a condition for each
 * threshold that is reached, again and again while it is. A budget that this gateway had to refuse calls for counts as
 * used up, since what is left is less than a call. Runs on one context.
 */
final class BudgetWatch {
    private static final Logger log = LoggerFactory.getLogger(BudgetWatch.class);
    private static final long PERIOD_MILLIS = 5_000;
    private static final Duration BUDGET = Duration.ofSeconds(4);
    private static final int FULL = 100;
    private static final int NEARLY = 80;

    private final ServiceContext context;
    private final BudgetKeeper keeper;
    private final Budgets budgets;
    private final Clock clock;
    private Set<Reached> active = new HashSet<>();
    private boolean taken = true;
    private long timer = -1;

    private record Reached(Budget budget, int percent) {}

    BudgetWatch(ServiceContext context, BudgetKeeper keeper, Budgets budgets, Clock clock) {
        this.context = context;
        this.keeper = keeper;
        this.budgets = budgets;
        this.clock = clock;
    }

    void start() {
        timer = context.vertx().setPeriodic(PERIOD_MILLIS, id -> look());
    }

    void stop() {
        context.vertx().cancelTimer(timer);
    }

    /** One look at all budgets. */
    Future<Void> look() {
        boolean mine = context.membership()
                .owner(Role.GATEWAY, "budgets")
                .map(member -> member.equals(context.membership().self()))
                .orElse(true);
        Map<Budget, Future<Long>> spent = new HashMap<>();
        if (mine) {
            keeper.all().forEach(budget -> spent.put(budget, budgets.spent(budget)));
        }
        return Future.join(List.copyOf(spent.values())).transform(read -> {
            tell(spent, mine);
            return Future.succeededFuture();
        });
    }

    private void tell(Map<Budget, Future<Long>> spent, boolean mine) {
        Set<Reached> now = new HashSet<>();
        for (Budget budget : keeper.all()) {
            Future<Long> known = spent.get(budget);
            long nanos = known == null || known.failed() ? 0 : known.result();
            for (int percent : budget.alertAt()) {
                boolean exhausted = percent <= FULL && budgets.exhausted(budget);
                boolean unread = known != null && known.failed();
                Reached one = new Reached(budget, percent);
                if (exhausted || budget.over(nanos, percent) || (unread && active.contains(one))) {
                    now.add(one);
                    send(one, true, nanos);
                }
            }
        }
        if (mine) {
            active.stream().filter(one -> !now.contains(one)).forEach(one -> send(one, false, 0));
        }
        active = now;
    }

    private void send(Reached reached, boolean holds, long spent) {
        CallContext call = CallContext.internal("budget", context.ticker().nanos(), BUDGET);
        context.bus()
                .callAny(AlertContract.OBSERVE, condition(reached, holds, spent), call)
                .onComplete(result -> {
                    if (result.succeeded() != taken) {
                        taken = result.succeeded();
                        log.info("the alert service {} conditions of budgets", taken ? "takes" : "does not take");
                    }
                });
    }

    private Condition condition(Reached reached, boolean holds, long spent) {
        Budget budget = reached.budget();
        Severity severity = reached.percent() >= FULL
                ? Severity.ERROR
                : reached.percent() >= NEARLY ? Severity.WARNING : Severity.INFO;
        Map<String, String> labels = new HashMap<>(Map.of(
                "service", "gateway",
                "budget", budget.name(),
                "threshold", Integer.toString(reached.percent()),
                "severity", severity.name().toLowerCase(Locale.ROOT)));
        if (budget.scope() == Scope.TEAM) {
            labels.put("team", budget.subject());
        }
        return new Condition(
                "BudgetThreshold",
                labels,
                severity,
                holds,
                (double) spent / Money.NANOS_PER_USD,
                (double) budget.limitNanos() / Money.NANOS_PER_USD,
                Duration.ZERO,
                "The budget " + budget.name() + " has reached " + reached.percent() + " %",
                "Spent are " + Money.decimal(spent) + " of " + Money.decimal(budget.limitNanos()) + " USD in this "
                        + budget.period().name().toLowerCase(Locale.ROOT) + "."
                        + (budget.hard() ? " Calls that would exceed it are refused." : ""),
                "See who spends: GET /api/cost?group=key. Raise it: PUT /api/admin/budgets/" + budget.name()
                        + ", or in the configuration where it stands there.",
                clock.instant());
    }
}
