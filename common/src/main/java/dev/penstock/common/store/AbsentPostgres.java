package dev.penstock.common.store;

import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/** The Postgres of an installation that has none: always away, so that the same code paths hold as in an outage. */
public final class AbsentPostgres implements Postgres {
    @Override
    public boolean available() {
        return false;
    }

    @Override
    public Future<RowSet<Row>> query(String sql, Tuple parameters) {
        return Future.failedFuture(fault());
    }

    @Override
    public Future<RowSet<Row>> batch(String sql, List<Tuple> parameters) {
        return Future.failedFuture(fault());
    }

    @Override
    public <T> Future<T> transaction(Function<SqlConnection, Future<T>> work) {
        return Future.failedFuture(fault());
    }

    /** Never called: this one does not come back. */
    @Override
    public void onAvailability(Consumer<Boolean> listener) {}

    @Override
    public Future<Void> close() {
        return Future.succeededFuture();
    }

    private static Fault fault() {
        return Fault.of(FaultCode.UNAVAILABLE, "No Postgres is configured (postgres.url).");
    }
}
