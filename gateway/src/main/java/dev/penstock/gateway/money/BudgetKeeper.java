package dev.penstock.gateway.money;

import dev.penstock.common.config.BudgetConfig;
import dev.penstock.common.contract.MonitorContract.Check;
import dev.penstock.common.contract.MonitorContract.Status;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.service.ServiceContext;
import dev.penstock.gateway.money.policy.Budget;
import dev.penstock.gateway.money.policy.BudgetBook;
import io.vertx.core.Future;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which budgets there are: those of the file, and those of the API, read again every two seconds so that all gateways
 * agree. While Postgres is away the last ones that were read go on. Thread-safe.
 */
public final class BudgetKeeper {
    private static final Logger log = LoggerFactory.getLogger(BudgetKeeper.class);
    private static final long PERIOD_MILLIS = 2_000;

    private final ServiceContext context;
    private final BudgetTable table;
    private volatile List<Budget> ofFile;
    private volatile BudgetBook book;
    private volatile List<String> toldClashes = List.of();
    private long timer = -1;

    BudgetKeeper(ServiceContext context, BudgetTable table) {
        this.context = context;
        this.table = table;
        this.ofFile = context.config().budgets().stream().map(Budget::of).toList();
        this.book = BudgetBook.of(ofFile, List.of());
    }

    /** Reads them for the first time; completed also where that is not possible yet. */
    Future<Void> start() {
        timer = context.vertx().setPeriodic(PERIOD_MILLIS, id -> refresh());
        context.health()
                .register(() -> book.clashes().isEmpty()
                        ? new Check("budgets", Status.HEALTHY, null)
                        : new Check(
                                "budgets",
                                Status.DEGRADED,
                                "The file and the API both name these budgets, the file's hold: " + book.clashes()));
        return refresh();
    }

    /** The file says something else now. */
    void ofFile(List<BudgetConfig> configs) {
        List<Budget> next = configs.stream().map(Budget::of).toList();
        List<Budget> made = book.all().stream().filter(each -> !each.fromFile()).toList();
        ofFile = next;
        book = BudgetBook.of(next, made);
    }

    void stop() {
        context.vertx().cancelTimer(timer);
    }

    BudgetBook book() {
        return book;
    }

    /** All that hold, ordered as they came. */
    public List<Budget> all() {
        return book.all();
    }

    /** Fails with {@code NOT_FOUND}. */
    public Future<Budget> named(String name) {
        Budget budget = book.named(name);
        return budget == null ? missing(name) : Future.succeededFuture(budget);
    }

    /** Fails with {@code CONFLICT} where the name is taken, with {@code UNAVAILABLE} without Postgres. */
    public Future<Void> create(Budget budget, String by) {
        return owned(budget.name())
                ? Future.failedFuture(file(budget.name()))
                : table.insert(budget, by).compose(done -> refresh());
    }

    /** Fails as {@link #create} and with {@code NOT_FOUND}. */
    public Future<Void> replace(Budget budget, String by) {
        return owned(budget.name())
                ? Future.failedFuture(file(budget.name()))
                : table.update(budget, by).compose(found -> found ? refresh() : missing(budget.name()));
    }

    /** Fails as {@link #replace}. */
    public Future<Void> delete(String name) {
        return owned(name)
                ? Future.failedFuture(file(name))
                : table.delete(name).compose(found -> found ? refresh() : missing(name));
    }

    private boolean owned(String name) {
        return ofFile.stream().anyMatch(budget -> budget.name().equals(name));
    }

    private Future<Void> refresh() {
        return table.all()
                .<Void>map(made -> {
                    BudgetBook read = BudgetBook.of(ofFile, made);
                    if (!read.clashes().equals(toldClashes)) {
                        toldClashes = read.clashes();
                        log.error("the file and the API both name these budgets, the file's hold: {}", read.clashes());
                    }
                    book = read;
                    return null;
                })
                .otherwiseEmpty();
    }

    private static Fault file(String name) {
        return Fault.of(FaultCode.CONFLICT, "The budget '" + name + "' stands in the configuration: change it there.");
    }

    private static <T> Future<T> missing(String name) {
        return Future.failedFuture(Fault.of(FaultCode.NOT_FOUND, "There is no budget '" + name + "'."));
    }
}
