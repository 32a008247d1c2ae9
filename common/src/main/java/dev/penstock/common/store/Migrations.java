package dev.penstock.common.store;

import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.lifecycle.StartException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the schema {@code penstock} up to what this build needs. Several processes may do so at once: an advisory lock
 * lets one work and the others find it done. Where everything is applied already, which one statement tells, Flyway is
 * not even loaded.
 */
public final class Migrations {
    static final String SCHEMA = "penstock";

    private static final Logger log = LoggerFactory.getLogger(Migrations.class);
    private static final String HISTORY = "flyway_schema_history";
    /** Any number that nobody else in the database uses: "penstock" on a telephone. */
    private static final long LOCK = 73_678_625L;

    /** How long another process may migrate before this one tries again later. */
    private static final Duration LOCK_LIMIT = Duration.ofMinutes(2);

    private static final Duration CHECK_LIMIT = Duration.ofSeconds(5);
    /** Tables that only functions of the owner write: the trail, its days and its head. */
    private static final String FIXED = "SELECT oid::regclass::text FROM pg_class WHERE relkind IN ('r', 'p')"
            + " AND relnamespace = '" + SCHEMA + "'::regnamespace"
            + " AND (relname = 'audit_head' OR starts_with(relname, 'audit_entry'))";

    /** SQL state classes that mean "not now": connection trouble, resources, a lock held, operator intervention. */
    private static final String AWAY_CLASSES = "08|53|55|57";

    private Migrations() {}

    /**
     * Migrates off the event loop.
     *
     * @param ownerUrl of the role that owns the schema
     * @param applicationUrl of the role that the services use; where it is another, it is granted what it needs
     * @return failed with {@code UNAVAILABLE} when the server cannot be reached now, with a {@link StartException}
     *     when migrating cannot succeed without a person
     */
    public static Future<Void> run(Vertx vertx, String ownerUrl, String applicationUrl) {
        String owner = ownerUrl.isBlank() ? applicationUrl : ownerUrl;
        boolean oneRole = user(owner).equals(user(applicationUrl));
        return shipped(vertx)
                .compose(files -> alreadyApplied(vertx, owner, files))
                .compose(applied -> applied && oneRole
                        ? Future.<Void>succeededFuture()
                        : vertx.executeBlocking(
                                () -> {
                                    migrate(owner, applicationUrl, oneRole);
                                    return null;
                                },
                                false));
    }

    private static Future<Map<Integer, Integer>> shipped(Vertx vertx) {
        return vertx.executeBlocking(() -> MigrationFiles.checksums(Migrations.class.getClassLoader()), false)
                .map(files -> Objects.requireNonNull(files));
    }

    /** A missing history or table means: not applied. */
    private static Future<Boolean> alreadyApplied(Vertx vertx, String owner, Map<Integer, Integer> files) {
        PgConnectOptions options = PostgresUrl.options(owner, CHECK_LIMIT);
        return PgConnection.connect(vertx, options)
                .compose(connection -> connection
                        .query("SELECT version, checksum, success FROM " + SCHEMA + "." + HISTORY
                                + " WHERE version IS NOT NULL")
                        .execute()
                        .map(rows -> covers(rows, files))
                        .otherwise(false)
                        .eventually(connection::close))
                .timeout(CHECK_LIMIT.toMillis(), TimeUnit.MILLISECONDS)
                .recover(cause -> Future.failedFuture(cause instanceof IOException ? away(cause) : cause));
    }

    private static boolean covers(RowSet<Row> rows, Map<Integer, Integer> files) {
        Map<Integer, Integer> applied = new HashMap<>();
        for (Row row : rows) {
            Integer checksum = row.getInteger("checksum");
            if (!row.getBoolean("success") || checksum == null) {
                return false;
            }
            applied.put(Integer.valueOf(row.getString("version")), checksum);
        }
        return applied.entrySet().containsAll(files.entrySet());
    }

    private static void migrate(String owner, String application, boolean oneRole) {
        DataSource source = PostgresUrl.dataSource(owner);
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("SET lock_timeout = '" + LOCK_LIMIT.toMillis() + "ms'");
            statement.execute("SELECT pg_advisory_lock(" + LOCK + ")");
            int count = flyway(source).migrate().migrationsExecuted;
            if (!oneRole) {
                grant(connection, statement, user(application));
            }
            log.info("schema is up to date, {} migrations applied", count);
        } catch (SQLException e) {
            throw trouble(e, e);
        } catch (FlywayException e) {
            throw e.getCause() instanceof SQLException cause ? trouble(cause, e) : refused(e);
        }
    }

    private static Flyway flyway(DataSource source) {
        return Flyway.configure(Migrations.class.getClassLoader())
                .dataSource(source)
                .locations("classpath:" + MigrationFiles.LOCATION)
                .defaultSchema(SCHEMA)
                .schemas(SCHEMA)
                .createSchemas(true)
                .table(HISTORY)
                .load();
    }

    /** Rows yes, definitions no, and the audit trail only to read: in one step, so that there is no moment between. */
    private static void grant(Connection connection, Statement statement, String role) throws SQLException {
        connection.setAutoCommit(false);
        String quoted = '"' + role.replace("\"", "\"\"") + '"';
        statement.execute("GRANT USAGE ON SCHEMA " + SCHEMA + " TO " + quoted);
        statement.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA " + SCHEMA + " TO " + quoted);
        statement.execute("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA " + SCHEMA + " TO " + quoted);
        statement.execute("REVOKE ALL ON " + SCHEMA + "." + HISTORY + " FROM " + quoted);
        List<String> fixed = new ArrayList<>();
        try (ResultSet tables = statement.executeQuery(FIXED)) {
            while (tables.next()) {
                fixed.add(tables.getString(1));
            }
        }
        for (String table : fixed) {
            statement.execute("REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON " + table + " FROM " + quoted);
        }
        connection.commit();
    }

    private static RuntimeException trouble(SQLException cause, Exception whole) {
        String state = String.valueOf(cause.getSQLState());
        return state.length() >= 2 && state.substring(0, 2).matches(AWAY_CLASSES) ? away(cause) : refused(whole);
    }

    private static Fault away(Throwable cause) {
        log.debug("Postgres cannot be reached for migrations", cause);
        return Fault.of(FaultCode.UNAVAILABLE, "Postgres is away: " + cause.getMessage());
    }

    private static StartException refused(Exception cause) {
        String reason = String.valueOf(cause.getMessage()).strip().replaceAll("\\s+", " ");
        return new StartException(
                "The database schema cannot be brought up to date (" + reason
                        + "); use the build that made it, or restore a backup.",
                cause);
    }

    private static String user(String url) {
        return String.valueOf(PostgresUrl.parse(url).getUser());
    }
}
