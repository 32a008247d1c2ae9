package dev.penstock.common.store;

import dev.penstock.common.config.PostgresConfig;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.TransactionRollbackException;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Postgres: single statements pipelined over a few connections, transactions over a pool. A probe each second decides
 * {@link #available()}; a call that fails to connect makes the next probe come at once.
 */
public final class VertxPostgres implements Postgres {
    private static final Logger log = LoggerFactory.getLogger(VertxPostgres.class);
    private static final Duration PROBE_EVERY = Duration.ofSeconds(1);
    /** Schema changes over large tables take their time. */
    private static final Duration PREPARE_LIMIT = Duration.ofMinutes(5);
    /** A transaction is several statements: it may take this many times the wait for one. */
    private static final int TRANSACTION_FACTOR = 3;
    /** Admin shutdown, crash shutdown, cannot connect now, too many connections, read only after a failover. */
    private static final Set<String> AWAY_STATES = Set.of("57P01", "57P02", "57P03", "53300", "25006");

    private static final String STATEMENT_TIMEOUT = "57014";

    private final ContextInternal context;
    private final PostgresConfig config;
    private final Supplier<Future<Void>> prepare;
    private final Supplier<PostgresClients> connect;
    private final List<Consumer<Boolean>> listeners = new CopyOnWriteArrayList<>();
    private final AtomicBoolean probing = new AtomicBoolean();
    private volatile PostgresClients clients;
    private volatile boolean available;
    private volatile boolean prepared;
    private volatile boolean closed;
    private volatile String lastComplaint = "";

    private VertxPostgres(Vertx vertx, PostgresConfig config, Supplier<Future<Void>> prepare) {
        this.context = ((VertxInternal) vertx).createEventLoopContext();
        this.config = config;
        this.prepare = prepare;
        var options = PostgresUrl.options(config.url().reveal(), config.timeout());
        this.connect = () -> PostgresClients.open(vertx, options, config);
        this.clients = connect.get();
    }

    /**
     * Returns at once and connects in the background; without a URL there is no Postgres.
     *
     * @param prepare run when the server is first reached and repeated until it succeeds; only then is Postgres
     *     available. Migrations, normally
     */
    public static Postgres open(Vertx vertx, PostgresConfig config, Supplier<Future<Void>> prepare) {
        if (config.url().reveal().isBlank()) {
            return new AbsentPostgres();
        }
        VertxPostgres postgres = new VertxPostgres(vertx, config, prepare);
        postgres.context.runOnContext(ignored -> postgres.probeAgainAndAgain());
        return postgres;
    }

    @Override
    public boolean available() {
        return available;
    }

    @Override
    public Future<RowSet<Row>> query(String sql, Tuple parameters) {
        return bounded(
                config.timeout(), () -> clients.statements().preparedQuery(sql).execute(parameters));
    }

    @Override
    public Future<RowSet<Row>> batch(String sql, List<Tuple> parameters) {
        return bounded(
                config.timeout(), () -> clients.statements().preparedQuery(sql).executeBatch(parameters));
    }

    @Override
    public <T> Future<T> transaction(Function<SqlConnection, Future<T>> work) {
        Duration limit = config.timeout().multipliedBy(TRANSACTION_FACTOR);
        AtomicBoolean late = new AtomicBoolean();
        return bounded(
                limit,
                () -> clients.transactions()
                        .withTransaction(connection -> work.apply(connection)
                                // The caller was told that it failed: then it must not be committed afterwards.
                                .compose(result -> late.get()
                                        ? Future.failedFuture(TransactionRollbackException.INSTANCE)
                                        : Future.succeededFuture(result)))
                        .timeout(limit.toMillis(), TimeUnit.MILLISECONDS)
                        .onFailure(ignored -> late.set(true)));
    }

    @Override
    public void onAvailability(Consumer<Boolean> listener) {
        listeners.add(listener);
    }

    @Override
    public Future<Void> close() {
        closed = true;
        available = false;
        return clients.close();
    }

    private <T> Future<T> bounded(Duration limit, Supplier<Future<T>> work) {
        if (!available) {
            return Future.failedFuture(Fault.of(FaultCode.UNAVAILABLE, "Postgres is away."));
        }
        return work.get().timeout(limit.toMillis(), TimeUnit.MILLISECONDS).recover(cause -> {
            Throwable translated = translate(cause);
            if (translated instanceof Fault fault && fault.code() == FaultCode.UNAVAILABLE) {
                context.runOnContext(ignored -> probe());
            }
            return Future.failedFuture(translated);
        });
    }

    private void probeAgainAndAgain() {
        if (closed) {
            return;
        }
        probe().onComplete(ignored -> context.setTimer(PROBE_EVERY.toMillis(), timer -> probeAgainAndAgain()));
    }

    /** Never fails; at most one at a time. */
    private Future<Void> probe() {
        if (closed || !probing.compareAndSet(false, true)) {
            return Future.succeededFuture();
        }
        return clients.statements()
                .query("SELECT 1")
                .execute()
                .timeout(config.timeout().toMillis(), TimeUnit.MILLISECONDS)
                .compose(ignored -> prepareOnce())
                .transform(result -> {
                    probing.set(false);
                    if (result.failed()) {
                        complain(result.cause());
                    }
                    changed(result.succeeded());
                    return Future.succeededFuture();
                });
    }

    private Future<Void> prepareOnce() {
        if (prepared) {
            return Future.succeededFuture();
        }
        return prepare.get()
                .timeout(PREPARE_LIMIT.toMillis(), TimeUnit.MILLISECONDS)
                .onSuccess(ignored -> prepared = true);
    }

    private void complain(Throwable cause) {
        String complaint = String.valueOf(cause.getMessage());
        if (!complaint.equals(lastComplaint)) {
            lastComplaint = complaint;
            log.warn("Postgres cannot be used: {}", complaint);
        }
        if (cause instanceof TimeoutException) {
            // The server hangs: its connections would go on swallowing statements.
            PostgresClients stuck = clients;
            clients = connect.get();
            stuck.close().onFailure(e -> log.debug("closing a stuck pool", e));
        }
    }

    private void changed(boolean up) {
        if (closed || available == up) {
            return;
        }
        available = up;
        if (up) {
            lastComplaint = "";
            log.info("Postgres is available");
        } else {
            log.warn("Postgres is away; going on without it");
        }
        for (Consumer<Boolean> listener : listeners) {
            try {
                listener.accept(up);
            } catch (RuntimeException e) {
                log.error("a listener to Postgres's availability failed", e);
            }
        }
    }

    /** What the server refused stays as it is; what could not reach it becomes a fault. */
    private static Throwable translate(Throwable cause) {
        return switch (cause) {
            case Fault fault -> fault;
            case PgException refused -> translate(refused);
            case TimeoutException ignored -> timeout();
            case TransactionRollbackException ignored -> timeout();
            default -> PostgresClients.connectionTrouble(cause) ? away(cause) : tooBusy(cause);
        };
    }

    private static Throwable translate(PgException refused) {
        String state = String.valueOf(refused.getSqlState());
        if (state.equals(STATEMENT_TIMEOUT)) {
            return timeout();
        }
        return AWAY_STATES.contains(state) ? away(refused) : refused;
    }

    /** The pool says so with a message alone; anything else is the caller's own exception. */
    private static Throwable tooBusy(Throwable cause) {
        String message = String.valueOf(cause.getMessage());
        return message.contains("max wait queue size") || message.contains("wait queue")
                ? Fault.of(FaultCode.OVERLOADED, "Too many statements wait for Postgres.")
                : cause;
    }

    private static Fault timeout() {
        return Fault.of(FaultCode.TIMEOUT, "Postgres did not answer in time.");
    }

    private static Fault away(Throwable cause) {
        log.debug("Postgres cannot be reached", cause);
        return Fault.of(FaultCode.UNAVAILABLE, "Postgres is away.");
    }
}
