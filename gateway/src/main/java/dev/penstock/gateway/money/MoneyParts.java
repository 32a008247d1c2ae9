package dev.penstock.gateway.money;

import dev.penstock.common.contract.MonitorContract.Check;
import dev.penstock.common.contract.MonitorContract.Status;
import dev.penstock.common.service.ServiceContext;
import dev.penstock.gateway.exchange.Estimate;
import dev.penstock.gateway.exchange.Exchange;
import dev.penstock.gateway.exchange.Reserver;
import dev.penstock.gateway.money.policy.Budget;
import dev.penstock.gateway.money.policy.PriceList;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.HexFormat;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Everything about money in one gateway: made once, started before the server listens, shared by all event loops. */
public final class MoneyParts {
    private static final long MOST_SPOOLED = 256L << 20;
    private static final int BOOT_BYTES = 6;

    private final ServiceContext context;
    private final Estimator estimator = new Estimator();
    private final MoneyMetrics metrics;
    private final UsageLedger ledger;
    private final PostgresUsage store;
    private final Path folder;
    private final String boot;
    private final BudgetKeeper keeper;
    private final Budgets budgets;
    private final BudgetWatch watch;
    private final CostReports reports;
    private @Nullable UsageShipper shipper;

    public MoneyParts(ServiceContext context, Clock clock) {
        this.context = context;
        byte[] random = new byte[BOOT_BYTES];
        new SecureRandom().nextBytes(random);
        this.boot = HexFormat.of().formatHex(random);
        this.folder = context.dataFolder().resolve("usage");
        this.store = new PostgresUsage(context.postgres());
        this.metrics = new MoneyMetrics(context.telemetry(), context.config().models());
        this.ledger = new UsageLedger(PriceList.of(context.config().prices()), estimator, metrics, clock, boot);
        this.keeper = new BudgetKeeper(context, new BudgetTable(context.postgres()));
        BudgetBank bank = new BudgetBank(context.redis(), store);
        this.budgets = new Budgets(context, bank, store, ledger, metrics, keeper::book, clock, boot);
        this.watch = new BudgetWatch(context, keeper, budgets, clock);
        this.reports = new CostReports(context.postgres());
    }

    public UsageLedger ledger() {
        return ledger;
    }

    /** Sets money aside for a request. */
    public Reserver reserver() {
        return budgets;
    }

    public BudgetKeeper keeper() {
        return keeper;
    }

    public CostReports reports() {
        return reports;
    }

    /** Of a budget, in its running period. */
    public Future<Spending> spending(Budget budget) {
        return budgets.spending(budget);
    }

    /** What a request will probably use. */
    public Function<Exchange, Estimate> estimator() {
        return estimator::estimate;
    }

    /** Opens the spool. A gateway whose disk refuses that answers requests all the same, and says so. */
    public Future<Void> start() {
        return open().compose(opened -> keeper.start()).map(read -> {
            context.redis().onAvailability(there -> {
                if (there) {
                    budgets.reunite();
                }
            });
            context.live().register((before, next) -> () -> {
                metrics.follow(next.models());
                ledger.prices(PriceList.of(next.prices()));
                keeper.ofFile(next.budgets());
            });
            watch.start();
            return null;
        });
    }

    private Future<Void> open() {
        return context.vertx()
                .executeBlocking(() -> UsageSpool.open(folder, boot, MOST_SPOOLED), false)
                .<Void>map(spool -> {
                    UsageShipper made = new UsageShipper(context.vertx(), spool, store, folder);
                    shipper = made;
                    ledger.spool(spool);
                    measure(spool, made);
                    made.start();
                    return null;
                })
                .recover(cause -> {
                    String why =
                            "Usage is not written down: the spool in " + folder + " cannot be opened (" + cause + ").";
                    context.health().register(() -> new Check("usage", Status.DEGRADED, why));
                    return Future.succeededFuture();
                });
    }

    /** Takes everything that ended until now to Postgres. */
    public Future<Void> flush() {
        return shipper == null ? Future.succeededFuture() : shipper.flushAll();
    }

    public Future<Void> stop() {
        watch.stop();
        keeper.stop();
        return shipper == null ? Future.succeededFuture() : shipper.stop();
    }

    private void measure(UsageSpool spool, UsageShipper made) {
        var telemetry = context.telemetry();
        telemetry.gauge("penstock_usage_spool_records", "Attempts that are not in Postgres yet.", made::depth);
        telemetry.gauge("penstock_usage_spool_bytes", "Disk space of the usage spool.", spool::bytes);
        telemetry.gauge(
                "penstock_usage_lost_records",
                "Intents and ends that found no place in the spool, and records that Postgres refused, since the start.",
                () -> spool.dropped() + store.refused());
        context.health()
                .register(() -> spool.dropped() == 0
                        ? new Check("usage", Status.HEALTHY, null)
                        : new Check("usage", Status.DEGRADED, "Usage was lost: " + spool.dropped() + " lines."));
    }
}
