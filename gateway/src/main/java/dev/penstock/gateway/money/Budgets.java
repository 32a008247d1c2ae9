package dev.penstock.gateway.money;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.penstock.common.bus.CallContext;
import dev.penstock.common.cluster.Membership;
import dev.penstock.common.config.BudgetConfig.Period;
import dev.penstock.common.contract.SecurityContract;
import dev.penstock.common.contract.SecurityContract.Kind;
import dev.penstock.common.contract.SecurityContract.SecurityEvent;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.service.Role;
import dev.penstock.common.service.ServiceContext;
import dev.penstock.common.unit.Money;
import dev.penstock.gateway.auth.Principal;
import dev.penstock.gateway.exchange.Estimate;
import dev.penstock.gateway.exchange.Exchange;
import dev.penstock.gateway.exchange.Reservation;
import dev.penstock.gateway.exchange.Reserver;
import dev.penstock.gateway.money.policy.Budget;
import dev.penstock.gateway.money.policy.BudgetBook;
import dev.penstock.gateway.money.policy.LocalPurse;
import dev.penstock.gateway.money.policy.Spender;
import io.vertx.core.Future;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sets money aside in every budget that pays for a call, before the call is made, and puts what it cost in its place
 * afterwards. Redis decides for all gateways at once; while it is away each gateway spends its share of what was left.
 * Safe for many event loops.
 */
final class Budgets implements Reserver {
    private static final Logger log = LoggerFactory.getLogger(Budgets.class);
    private static final int MOST_PURSES = 10_000;
    private static final int MOST_TOLD = 10_000;
    /** Beyond the request's own time: by then its gateway has settled, or is gone. */
    private static final Duration LAPSE = Duration.ofSeconds(60);

    private final ServiceContext context;
    private final Membership membership;
    private final BudgetBank bank;
    private final UsageStore store;
    private final UsageLedger ledger;
    private final MoneyMetrics metrics;
    private final Supplier<BudgetBook> book;
    private final Clock clock;
    private final String boot;
    private final boolean shared;
    private final AtomicLong numbers = new AtomicLong();
    /** By budget and period. */
    private final Cache<PurseKey, Purse> purses = Caffeine.newBuilder()
            .maximumSize(MOST_PURSES)
            .expireAfterAccess(Duration.ofDays(2))
            .executor(Runnable::run)
            .build();

    private final Set<PurseKey> told = ConcurrentHashMap.newKeySet();

    private record PurseKey(Budget budget, LocalDate start) {}

    private record Purse(ReentrantLock lock, LocalPurse local) {}

    Budgets(
            ServiceContext context,
            BudgetBank bank,
            UsageStore store,
            UsageLedger ledger,
            MoneyMetrics metrics,
            Supplier<BudgetBook> book,
            Clock clock,
            String boot) {
        this.context = context;
        this.membership = context.membership();
        this.bank = bank;
        this.store = store;
        this.ledger = ledger;
        this.metrics = metrics;
        this.book = book;
        this.clock = clock;
        this.boot = boot;
        this.shared = !context.config().redis().url().reveal().isBlank();
    }

    @Override
    public Future<Reservation> reserve(Exchange exchange, Estimate estimate) {
        List<Budget> paying = paying(exchange);
        if (paying.isEmpty()) {
            return Future.succeededFuture(Reservation.NONE);
        }
        long nanos = Math.max(0, ledger.expected(exchange, estimate));
        long now = clock.millis();
        LocalDate day = BudgetBank.day(now);
        if (!bank.available()) {
            return alone(exchange, paying, day, nanos);
        }
        String id = boot + '-' + Long.toString(numbers.incrementAndGet(), Character.MAX_RADIX);
        long left = exchange.call().deadline().remainingNanos(context.ticker().nanos()) / 1_000_000;
        long lapsesAt = now + Math.max(0, left) + LAPSE.toMillis();
        return bank.reserve(id, paying, day, nanos, now, lapsesAt).transform(result -> {
            if (result.failed()) {
                return alone(exchange, paying, day, nanos);
            }
            BudgetBank.Decision decision = result.result();
            for (int i = 0; i < decision.used().size(); i++) {
                long own = decision.refusedBy() < 0 ? nanos : 0;
                hear(paying.get(i), day, decision.used().get(i) + own);
            }
            if (decision.refusedBy() >= 0) {
                return Future.failedFuture(refused(exchange, paying.get(decision.refusedBy()), day));
            }
            return Future.succeededFuture(used -> settle(id, exchange, paying, day, nanos, lapsesAt));
        });
    }

    /** Hands over what was spent while Redis was away; called when it is back. */
    void reunite() {
        purses.asMap().forEach((key, purse) -> {
            long spent = spentAlone(purse);
            if (spent > 0) {
                bank.add(key.budget(), key.start(), spent)
                        .onFailure(e -> log.warn(
                                "what the budget {} spent while Redis was away could not be added; Postgres has it: {}",
                                key.budget().name(),
                                e.toString()));
            }
        });
    }

    /** In the running period, as well as can be known now. */
    Future<Spending> spending(Budget budget) {
        LocalDate day = BudgetBank.day(clock.millis());
        return bank.available()
                ? bank.spending(budget, day)
                : purse(budget, day).map(purse -> {
                    purse.lock().lock();
                    try {
                        return new Spending(purse.local().used(), 0);
                    } finally {
                        purse.lock().unlock();
                    }
                });
    }

    /** Nano-dollars spent in the running period. */
    Future<Long> spent(Budget budget) {
        return spending(budget).map(Spending::spent);
    }

    /** Whether this gateway refused a call for it in the running period. */
    boolean exhausted(Budget budget) {
        return told.contains(new PurseKey(budget, budget.start(BudgetBank.day(clock.millis()))));
    }

    private static long spentAlone(Purse purse) {
        purse.lock().lock();
        try {
            return purse.local().takeSpentAlone();
        } finally {
            purse.lock().unlock();
        }
    }

    private List<Budget> paying(Exchange exchange) {
        Principal caller = exchange.principal();
        return book.get().paying(new Spender(caller.keyId(), caller.user(), caller.team(), exchange.tags()));
    }

    private void settle(
            String id, Exchange exchange, List<Budget> paying, LocalDate day, long reserved, long lapsesAt) {
        bank.settle(id, paying, day, reserved, exchange.work().costNanos(), clock.millis(), lapsesAt)
                .onFailure(e -> log.debug("the reservation {} is left to lapse: {}", id, e.toString()));
    }

    /** Without Redis: this gateway's part of what was left. */
    private Future<Reservation> alone(Exchange exchange, List<Budget> paying, LocalDate day, long nanos) {
        List<Future<Purse>> all = new ArrayList<>(paying.size());
        paying.forEach(budget -> all.add(purse(budget, day)));
        return Future.all(all).compose(known -> {
            for (int i = 0; i < paying.size(); i++) {
                if (!take(paying.get(i), all.get(i).result(), nanos)) {
                    for (int j = 0; j < i; j++) {
                        give(all.get(j).result(), nanos, 0);
                    }
                    return Future.failedFuture(refused(exchange, paying.get(i), day));
                }
            }
            return Future.succeededFuture(used -> all.forEach(
                    each -> give(each.result(), nanos, exchange.work().costNanos())));
        });
    }

    private boolean take(Budget budget, Purse purse, long nanos) {
        int gateways = shared ? Math.max(1, membership.live(Role.GATEWAY).size()) : 1;
        purse.lock().lock();
        try {
            boolean enough = purse.local().reserve(nanos, gateways);
            if (!enough && !budget.hard()) {
                purse.local().settle(-nanos, 0); // counted all the same, refused to nobody
                return true;
            }
            return enough;
        } finally {
            purse.lock().unlock();
        }
    }

    private static void give(Purse purse, long reserved, long used) {
        purse.lock().lock();
        try {
            purse.local().settle(reserved, used);
        } finally {
            purse.lock().unlock();
        }
    }

    private void hear(Budget budget, LocalDate day, long used) {
        PurseKey key = new PurseKey(budget, budget.start(day));
        Purse purse = purses.get(key, k -> new Purse(new ReentrantLock(), new LocalPurse(budget.limitNanos(), used)));
        purse.lock().lock();
        try {
            purse.local().heard(used);
        } finally {
            purse.lock().unlock();
        }
    }

    /** Begins with what Postgres knows; where that is away too, with nothing spent. */
    private Future<Purse> purse(Budget budget, LocalDate day) {
        PurseKey key = new PurseKey(budget, budget.start(day));
        Purse known = purses.getIfPresent(key);
        if (known != null) {
            return Future.succeededFuture(known);
        }
        return BudgetBank.sum(store, budget, day)
                .otherwise(0L)
                .map(spent -> purses.get(
                        key, k -> new Purse(new ReentrantLock(), new LocalPurse(budget.limitNanos(), spent))));
    }

    private Fault refused(Exchange exchange, Budget budget, LocalDate day) {
        metrics.refused();
        tell(exchange.call(), exchange.principal(), budget, day);
        Instant again = budget.end(day).atStartOfDay().toInstant(ZoneOffset.UTC);
        Duration wait = Duration.between(Instant.ofEpochMilli(clock.millis()), again);
        String when = budget.period() == Period.TOTAL ? "It does not begin anew." : "It begins anew at " + again + ".";
        return Fault.detailed(
                FaultCode.QUOTA_EXCEEDED,
                FaultCode.QUOTA_EXCEEDED.status(),
                "The budget '" + budget.name() + "' of " + Money.decimal(budget.limitNanos())
                        + " USD has too little left for this request. " + when,
                null,
                wait);
    }

    /** Once for a budget and period in each gateway. */
    private void tell(CallContext call, Principal caller, Budget budget, LocalDate day) {
        if (told.size() > MOST_TOLD) {
            told.clear();
        }
        if (told.add(new PurseKey(budget, budget.start(day)))) {
            log.warn("the budget {} is exhausted: calls that cost something are refused", budget.name());
            context.bus()
                    .publish(
                            SecurityContract.EVENTS,
                            new SecurityEvent(
                                    Kind.BUDGET_EXHAUSTED,
                                    clock.instant(),
                                    caller.keyId(),
                                    "",
                                    call.correlationId(),
                                    "budget " + budget.name()),
                            call);
        }
    }
}
