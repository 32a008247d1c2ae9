package dev.penstock.gateway.auth;

import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.store.Postgres;
import dev.penstock.common.unit.Bytes;
import dev.penstock.gateway.auth.EndedSessions.Ended;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** Users, teams and sessions in {@code penstock.app_user}, {@code team} and {@code login_session}. */
final class PostgresUsers implements UserStore {
    /** Beyond this a login ends the session that was longest unused. */
    private static final int SESSIONS_PER_USER = 20;

    private static final String UNIQUE_VIOLATION = "23505";
    private static final String USER =
            "id, name, password, role, team, disabled_at, created_at, created_by, email, email_index";
    private static final String TEAM = "name, description, disabled_at, created_at, created_by";
    private static final String KEY_RESTS = PostgresKeys.suspended("api_key.user_id", "api_key.team");

    private static final String INSERT_USER = "insert into penstock.app_user"
            + " (id, name, password, role, team, created_by, email, email_index)"
            + " values ($1, $2, $3, $4, $5, $6, $7, $8) returning " + USER;
    private static final String FIND_USER =
            "select " + USER + " from penstock.app_user where id = $1 or lower(name) = lower($1)";
    private static final String FIND_BY_EMAIL =
            "select " + USER + " from penstock.app_user where email_index = any($1) limit 1";
    private static final String FIND_ACTIVE =
            "select " + USER + " from penstock.app_user u where lower(name) = lower($1)"
                    + " and disabled_at is null and not exists"
                    + " (select 1 from penstock.team t where t.name = u.team and t.disabled_at is not null)";
    private static final String LIST_USERS =
            "select " + USER + " from penstock.app_user where lower(name) > lower($1) order by lower(name) limit $2";
    private static final String LOCK_USER = "select " + USER + " from penstock.app_user where id = $1 for update";
    private static final String UPDATE_USER = "update penstock.app_user set name = $2, password = $3, role = $4,"
            + " team = $5, disabled_at = $6, email = $7, email_index = $8 where id = $1 returning " + USER;
    private static final String DELETE_USER = "delete from penstock.app_user where id = $1 returning " + USER;
    private static final String REHASH = "update penstock.app_user set password = $3 where id = $1 and password = $2";
    private static final String REST_BY_USER = "update penstock.api_key set suspended = " + KEY_RESTS
            + " where user_id = $1 and revoked_at is null and suspended is distinct from " + KEY_RESTS + " returning "
            + PostgresKeys.COLUMNS;
    private static final String REVOKE_BY_USER = "update penstock.api_key set revoked_at = now()"
            + " where user_id = $1 and revoked_at is null returning " + PostgresKeys.COLUMNS;
    private static final String INSERT_TEAM =
            "insert into penstock.team (name, description, created_by)" + " values ($1, $2, $3) returning " + TEAM;
    private static final String LIST_TEAMS =
            "select " + TEAM + " from penstock.team where name > $1 order by name limit $2";
    private static final String LOCK_TEAM = "select " + TEAM + " from penstock.team where name = $1 for update";
    private static final String UPDATE_TEAM =
            "update penstock.team set description = $2, disabled_at = $3 where name = $1 returning " + TEAM;
    private static final String REST_BY_TEAM = "update penstock.api_key set suspended = " + KEY_RESTS
            + " where team = $1 and revoked_at is null and suspended is distinct from " + KEY_RESTS + " returning "
            + PostgresKeys.COLUMNS;
    private static final String TEAM_IN_USE = "select (select count(*) from penstock.app_user where team = $1) users,"
            + " (select count(*) from penstock.api_key where team = $1 and revoked_at is null) keys";
    private static final String DELETE_TEAM = "delete from penstock.team where name = $1";

    private static final String BEGIN = "insert into penstock.login_session (id, user_id, expires_at)"
            + " select $1, u.id, now() + $4 * interval '1 second' from penstock.app_user u"
            + " where u.id = $2 and u.password = $3 and u.disabled_at is null and not exists"
            + " (select 1 from penstock.team t where t.name = u.team and t.disabled_at is not null) for share of u";
    private static final String FORGET = "delete from penstock.login_session where id in (select id"
            + " from penstock.login_session where expires_at < now() - $1 * interval '1 second' limit 100)";
    private static final String CROWD_OUT = "update penstock.login_session set ended_at = now(), ended_why = 'crowded'"
            + " where id in (select id from penstock.login_session where user_id = $1 and ended_at is null"
            + " order by used_at desc, id offset " + SESSIONS_PER_USER + ") returning id, version";
    private static final String REFRESH = "update penstock.login_session s set generation = generation + 1,"
            + " used_at = now(), expires_at = now() + $3 * interval '1 second' from penstock.app_user u"
            + " where s.id = $1 and s.generation = $2 and s.ended_at is null and s.expires_at > now()"
            + " and u.id = s.user_id and u.disabled_at is null and not exists"
            + " (select 1 from penstock.team t where t.name = u.team and t.disabled_at is not null)"
            + " returning u.id, u.name, u.password, u.role, u.team, u.disabled_at, u.created_at, u.created_by,"
            + " u.email, u.email_index,"
            + " s.generation";
    private static final String LOOK = "select user_id, generation, ended_at from penstock.login_session where id = $1";
    private static final String END = "update penstock.login_session set ended_at = now(), ended_why = $2"
            + " where id = $1 and ended_at is null returning id, version";
    private static final String END_ALL = "update penstock.login_session set ended_at = now(), ended_why = $2"
            + " where user_id = $1 and ended_at is null returning id, version";
    private static final String END_TEAM = "update penstock.login_session set ended_at = now(), ended_why = $2"
            + " where ended_at is null and user_id in (select id from penstock.app_user where team = $1)"
            + " returning id, version";
    private static final String ENDED = "select id, version from penstock.login_session"
            + " where version > $1 and ended_at > now() - $3 * interval '1 second' order by version limit $2";

    private final Postgres postgres;
    private final long tokenSeconds;

    /** @param tokenSeconds longest life of a token that is judged without asking here; ends are remembered that long */
    PostgresUsers(Postgres postgres, long tokenSeconds) {
        this.postgres = postgres;
        this.tokenSeconds = tokenSeconds;
    }

    @Override
    public boolean available() {
        return postgres.available();
    }

    @Override
    public Future<List<Ended>> changedSince(long version, int limit) {
        return postgres.query(ENDED, Tuple.of(version, limit, tokenSeconds)).map(PostgresUsers::ended);
    }

    @Override
    public Future<UserRecord> insertUser(UserRecord user) {
        Tuple values = email(
                Tuple.of(user.id(), user.name(), user.password(), user.role().label(), user.team(), user.createdBy()),
                user);
        return postgres.query(INSERT_USER, values)
                .map(rows -> users(rows).getFirst())
                .recover(PostgresUsers::userTaken);
    }

    @Override
    public Future<Optional<UserRecord>> findUser(String idOrName) {
        return postgres.query(FIND_USER, Tuple.of(idOrName)).map(PostgresUsers::first);
    }

    @Override
    public Future<Optional<UserRecord>> findByEmail(List<Bytes> indexes) {
        Buffer[] all = indexes.stream()
                .map(index -> Buffer.buffer(index.unsafeArray()))
                .toArray(Buffer[]::new);
        return postgres.query(FIND_BY_EMAIL, Tuple.tuple().addArrayOfBuffer(all))
                .map(PostgresUsers::first);
    }

    @Override
    public Future<Optional<UserRecord>> findActive(String name) {
        return postgres.query(FIND_ACTIVE, Tuple.of(name)).map(PostgresUsers::first);
    }

    @Override
    public Future<List<UserRecord>> listUsers(String after, int limit) {
        return postgres.query(LIST_USERS, Tuple.of(after, limit)).map(PostgresUsers::users);
    }

    @Override
    public Future<Effect<UserRecord>> changeUser(String id, UnaryOperator<UserRecord> change) {
        return postgres.<Effect<UserRecord>>transaction(connection -> query(connection, LOCK_USER, Tuple.of(id))
                        .map(PostgresUsers::first)
                        .compose(found -> found.isEmpty()
                                ? Future.succeededFuture(new Effect<>(found, List.of(), List.of()))
                                : changeUser(connection, found.get(), change.apply(found.get()))))
                .recover(PostgresUsers::userTaken);
    }

    private static Future<Effect<UserRecord>> changeUser(
            SqlConnection connection, UserRecord before, UserRecord after) {
        Tuple values = email(
                Tuple.of(
                        after.id(),
                        after.name(),
                        after.password(),
                        after.role().label(),
                        after.team(),
                        after.disabledAt() == null ? null : PostgresKeys.at(after.disabledAt())),
                after);
        boolean ends = before.role() != after.role()
                || !Objects.equals(before.team(), after.team())
                || !Objects.equals(before.password(), after.password())
                || (before.disabledAt() == null && after.disabledAt() != null);
        return query(connection, UPDATE_USER, values)
                .map(PostgresUsers::first)
                .compose(row -> (ends
                                ? query(connection, END_ALL, Tuple.of(after.id(), "changed"))
                                        .map(PostgresUsers::ended)
                                : Future.succeededFuture(List.<Ended>of()))
                        .compose(sessions -> query(connection, REST_BY_USER, Tuple.of(after.id()))
                                .map(PostgresKeys::records)
                                .map(keys -> new Effect<>(row, sessions, keys))));
    }

    @Override
    public Future<Effect<UserRecord>> deleteUser(String id) {
        return postgres.transaction(connection -> query(connection, DELETE_USER, Tuple.of(id))
                .map(PostgresUsers::first)
                .compose(row -> query(connection, END_ALL, Tuple.of(id, "deleted"))
                        .map(PostgresUsers::ended)
                        .compose(sessions -> query(connection, REVOKE_BY_USER, Tuple.of(id))
                                .map(PostgresKeys::records)
                                .map(keys -> new Effect<>(row, sessions, keys)))));
    }

    @Override
    public Future<Void> rehash(String id, String before, String after) {
        return postgres.query(REHASH, Tuple.of(id, before, after)).mapEmpty();
    }

    @Override
    public Future<TeamRecord> insertTeam(TeamRecord team) {
        return postgres.query(INSERT_TEAM, Tuple.of(team.name(), team.description(), team.createdBy()))
                .map(rows -> teams(rows).getFirst())
                .recover(cause -> taken(cause, "name", "There is a team of this name already."));
    }

    @Override
    public Future<List<TeamRecord>> listTeams(String after, int limit) {
        return postgres.query(LIST_TEAMS, Tuple.of(after, limit)).map(PostgresUsers::teams);
    }

    @Override
    public Future<Effect<TeamRecord>> changeTeam(String name, UnaryOperator<TeamRecord> change) {
        return postgres.transaction(connection -> query(connection, LOCK_TEAM, Tuple.of(name))
                .map(rows -> teams(rows).stream().findFirst())
                .compose(found -> found.isEmpty()
                        ? Future.succeededFuture(new Effect<>(found, List.of(), List.of()))
                        : changeTeam(connection, found.get(), change.apply(found.get()))));
    }

    private static Future<Effect<TeamRecord>> changeTeam(
            SqlConnection connection, TeamRecord before, TeamRecord after) {
        Tuple values = Tuple.of(
                after.name(),
                after.description(),
                after.disabledAt() == null ? null : PostgresKeys.at(after.disabledAt()));
        boolean ends = before.disabledAt() == null && after.disabledAt() != null;
        return query(connection, UPDATE_TEAM, values)
                .map(rows -> teams(rows).stream().findFirst())
                .compose(row -> (ends
                                ? query(connection, END_TEAM, Tuple.of(after.name(), "changed"))
                                        .map(PostgresUsers::ended)
                                : Future.succeededFuture(List.<Ended>of()))
                        .compose(sessions -> query(connection, REST_BY_TEAM, Tuple.of(after.name()))
                                .map(PostgresKeys::records)
                                .map(keys -> new Effect<>(row, sessions, keys))));
    }

    @Override
    public Future<Boolean> deleteTeam(String name) {
        return postgres.transaction(connection -> query(connection, TEAM_IN_USE, Tuple.of(name))
                .compose(rows -> {
                    Row row = rows.iterator().next();
                    long users = row.getLong("users");
                    long keys = row.getLong("keys");
                    return users + keys == 0
                            ? query(connection, DELETE_TEAM, Tuple.of(name)).map(gone -> gone.rowCount() == 1)
                            : Future.failedFuture(Fault.of(
                                    FaultCode.CONFLICT,
                                    "The team '" + name + "' still has " + users + " users and " + keys
                                            + " live keys; move or end them first, or disable the team."));
                }));
    }

    @Override
    public Future<Optional<List<Ended>>> begin(String session, UserRecord user, long lifeSeconds) {
        Tuple values = Tuple.of(session, user.id(), user.password(), lifeSeconds);
        return postgres.transaction(connection -> query(connection, FORGET, Tuple.of(tokenSeconds))
                .compose(gone -> query(connection, BEGIN, values))
                .compose(begun -> begun.rowCount() == 0
                        ? Future.succeededFuture(Optional.<List<Ended>>empty())
                        : query(connection, CROWD_OUT, Tuple.of(user.id())).map(rows -> Optional.of(ended(rows)))));
    }

    @Override
    public Future<Refreshed> refresh(String session, long generation, long lifeSeconds) {
        return postgres.query(REFRESH, Tuple.of(session, generation, lifeSeconds))
                .compose(rows -> {
                    if (rows.rowCount() == 1) {
                        Row row = rows.iterator().next();
                        return Future.succeededFuture(new Refreshed.Renewed(user(row), row.getLong("generation")));
                    }
                    return postgres.query(LOOK, Tuple.of(session)).map(found -> {
                        for (Row row : found) {
                            // Also where the session ended since: that somebody holds a copy is worth knowing.
                            if (row.getLong("generation") > generation) {
                                return new Refreshed.Reused(row.getString("user_id"));
                            }
                        }
                        return new Refreshed.Over();
                    });
                });
    }

    @Override
    public Future<List<Ended>> end(String session, String why) {
        return postgres.query(END, Tuple.of(session, why)).map(PostgresUsers::ended);
    }

    @Override
    public Future<List<Ended>> endAll(String user, String why) {
        return postgres.query(END_ALL, Tuple.of(user, why)).map(PostgresUsers::ended);
    }

    private static Future<RowSet<Row>> query(SqlConnection connection, String sql, Tuple values) {
        return connection.preparedQuery(sql).execute(values);
    }

    private static Tuple email(Tuple values, UserRecord user) {
        SealedEmail email = user.email();
        return email == null
                ? values.addString(null).addBuffer(null)
                : values.addString(email.text())
                        .addBuffer(Buffer.buffer(email.index().unsafeArray()));
    }

    private static <T> Future<T> userTaken(Throwable cause) {
        boolean email = cause instanceof PgException broken && "app_user_email".equals(broken.getConstraint());
        return email
                ? taken(cause, "email", "There is a user with this e-mail address already.")
                : taken(cause, "name", "There is a user of this name already.");
    }

    private static <T> Future<T> taken(Throwable cause, String field, String message) {
        return Future.failedFuture(
                cause instanceof PgException broken && UNIQUE_VIOLATION.equals(broken.getSqlState())
                        ? Fault.detailed(FaultCode.CONFLICT, FaultCode.CONFLICT.status(), message, field, null)
                        : cause);
    }

    private static Optional<UserRecord> first(RowSet<Row> rows) {
        return users(rows).stream().findFirst();
    }

    private static List<UserRecord> users(RowSet<Row> rows) {
        return list(rows, PostgresUsers::user);
    }

    private static UserRecord user(Row row) {
        String email = row.getString("email");
        return new UserRecord(
                row.getString("id"),
                row.getString("name"),
                email == null ? null : new SealedEmail(email, Bytes.of(row.getBuffer("email_index"))),
                row.getString("password"),
                AccessRole.valueOf(row.getString("role").toUpperCase(Locale.ROOT)),
                row.getString("team"),
                PostgresKeys.instant(row, "disabled_at"),
                row.getOffsetDateTime("created_at").toInstant(),
                row.getString("created_by"));
    }

    private static List<TeamRecord> teams(RowSet<Row> rows) {
        return list(
                rows,
                row -> new TeamRecord(
                        row.getString("name"),
                        row.getString("description"),
                        PostgresKeys.instant(row, "disabled_at"),
                        row.getOffsetDateTime("created_at").toInstant(),
                        row.getString("created_by")));
    }

    private static List<Ended> ended(RowSet<Row> rows) {
        return list(rows, row -> new Ended(row.getString("id"), row.getLong("version")));
    }

    private static <R> List<R> list(RowSet<Row> rows, Function<Row, R> each) {
        List<R> list = new ArrayList<>(rows.size());
        rows.forEach(row -> list.add(each.apply(row)));
        return list;
    }
}
