package dev.penstock.common.store;

import dev.penstock.common.config.PostgresConfig;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClientOptions;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.ClosedConnectionException;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.SqlClient;
import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * The connections of one process, thrown away together when the server hangs.
 *
 * @param statements pipelines single statements over few connections
 * @param transactions lends a connection to one transaction at a time
 */
record PostgresClients(SqlClient statements, Pool transactions) {
    /** One connection in this many pipelines single statements; the others are for transactions. */
    private static final int PIPELINED_SHARE = 4;

    private static final int CACHED_STATEMENTS = 256;
    private static final int CONNECT_MILLIS = 3_000;
    /** Ends connections that hang or are not needed; the probe keeps one alive. */
    private static final int IDLE_SECONDS = 60;

    static PostgresClients open(Vertx vertx, PgConnectOptions connect, PostgresConfig config) {
        int pipelined = Math.max(1, config.poolSize() / PIPELINED_SHARE);
        int pooled = Math.max(1, config.poolSize() - pipelined);
        PgConnectOptions options = new PgConnectOptions(connect)
                .setCachePreparedStatements(true)
                .setPreparedStatementCacheMaxSize(CACHED_STATEMENTS);
        NetClientOptions network = new NetClientOptions()
                .setConnectTimeout(CONNECT_MILLIS)
                .setTcpKeepAlive(true)
                .setTcpNoDelay(true)
                .setIdleTimeout(IDLE_SECONDS)
                .setIdleTimeoutUnit(TimeUnit.SECONDS);
        SqlClient statements = PgBuilder.client()
                .with(pool("postgres-statements", config, pipelined))
                .with(network)
                .connectingTo(options)
                .using(vertx)
                .build();
        Pool transactions = PgBuilder.pool()
                .with(pool("postgres-transactions", config, pooled))
                .with(network)
                .connectingTo(options)
                .using(vertx)
                .build();
        return new PostgresClients(statements, transactions);
    }

    /** Whether a failure came from the way to the server and not from what it was asked. */
    static boolean connectionTrouble(Throwable cause) {
        String message = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
        return cause instanceof IOException
                || cause instanceof ClosedConnectionException
                // The client has no type for these three.
                || message.contains("connection is not active")
                || message.contains("timeout waiting for connection")
                || message.contains("closed");
    }

    Future<Void> close() {
        return Future.join(statements.close(), transactions.close()).mapEmpty();
    }

    /** @param name tells the two apart in the metrics, which take one gauge per name */
    private static PoolOptions pool(String name, PostgresConfig config, int size) {
        return new PoolOptions()
                .setName(name)
                .setMaxSize(size)
                .setMaxWaitQueueSize(config.maxWaiting())
                .setConnectionTimeout(
                        (int) Math.min(Integer.MAX_VALUE, config.timeout().toMillis()))
                .setConnectionTimeoutUnit(TimeUnit.MILLISECONDS);
    }
}
