package dev.penstock.common.store;

import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Postgres, which may be away. A call while it is away fails with {@code UNAVAILABLE}; no call outlives its deadline.
 * Statements are prepared and cached; parameters are {@code $1}, {@code $2} … and never part of the text.
 */
public interface Postgres {
    boolean available();

    Future<RowSet<Row>> query(String sql, Tuple parameters);

    /** One statement for many rows, in one round trip. */
    Future<RowSet<Row>> batch(String sql, List<Tuple> parameters);

    /** Commits when the work succeeds, else rolls back. */
    <T> Future<T> transaction(Function<SqlConnection, Future<T>> work);

    /** Calls {@code listener} on each change of {@link #available()}. */
    void onAvailability(Consumer<Boolean> listener);

    Future<Void> close();
}
