package dev.penstock.common.store;

import dev.penstock.common.lifecycle.StartException;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.SslMode;
import java.time.Duration;
import org.postgresql.ds.PGSimpleDataSource;

/** One Postgres URL in the two forms that its two drivers take. */
final class PostgresUrl {
    private static final int CONNECT_SECONDS = 5;

    private PostgresUrl() {}

    /**
     * For the application: named, bounded on the server's side too.
     *
     * @param statementLimit after which the server itself ends a statement, so that what was given up does not go on
     * @throws StartException when the URL cannot be read; the message does not repeat it, for it holds a password
     */
    static PgConnectOptions options(String url, Duration statementLimit) {
        String millis = Long.toString(Math.max(1, statementLimit.toMillis()));
        return parse(url)
                .addProperty("application_name", "penstock")
                .addProperty("search_path", Migrations.SCHEMA)
                .addProperty("statement_timeout", millis)
                .addProperty("idle_in_transaction_session_timeout", millis);
    }

    /** As the URL says and no more. */
    static PgConnectOptions parse(String url) {
        try {
            return PgConnectOptions.fromUri(url);
        } catch (IllegalArgumentException e) {
            throw new StartException(
                    "The Postgres URL cannot be read; write it as postgresql://user:password@host:5432/database.", e);
        }
    }

    /** For the owner's work over JDBC. */
    static PGSimpleDataSource dataSource(String url) {
        PgConnectOptions options = parse(url);
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setServerNames(new String[] {options.getHost()});
        source.setPortNumbers(new int[] {options.getPort()});
        source.setDatabaseName(options.getDatabase());
        source.setUser(options.getUser());
        source.setPassword(options.getPassword());
        source.setApplicationName("penstock-migrations");
        source.setConnectTimeout(CONNECT_SECONDS);
        if (options.getSslMode() != SslMode.DISABLE) {
            source.setSslMode(options.getSslMode().value);
        }
        return source;
    }
}
