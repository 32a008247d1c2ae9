package dev.penstock.gateway.auth;

import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.unit.Bytes;
import dev.penstock.gateway.auth.EndedSessions.Ended;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Where no Postgres is configured: nobody can sign in, and that is certain. */
final class NoUsers implements UserStore {
    @Override
    public boolean available() {
        return true;
    }

    @Override
    public Future<List<Ended>> changedSince(long version, int limit) {
        return Future.succeededFuture(List.of());
    }

    @Override
    public Future<UserRecord> insertUser(UserRecord user) {
        return none();
    }

    @Override
    public Future<Optional<UserRecord>> findUser(String idOrName) {
        return none();
    }

    @Override
    public Future<Optional<UserRecord>> findByEmail(List<Bytes> indexes) {
        return none();
    }

    @Override
    public Future<Optional<UserRecord>> findActive(String name) {
        return none();
    }

    @Override
    public Future<List<UserRecord>> listUsers(String after, int limit) {
        return Future.succeededFuture(List.of());
    }

    @Override
    public Future<Effect<UserRecord>> changeUser(String id, UnaryOperator<UserRecord> change) {
        return none();
    }

    @Override
    public Future<Effect<UserRecord>> deleteUser(String id) {
        return none();
    }

    @Override
    public Future<Void> rehash(String id, String before, String after) {
        return none();
    }

    @Override
    public Future<TeamRecord> insertTeam(TeamRecord team) {
        return none();
    }

    @Override
    public Future<List<TeamRecord>> listTeams(String after, int limit) {
        return Future.succeededFuture(List.of());
    }

    @Override
    public Future<Effect<TeamRecord>> changeTeam(String name, UnaryOperator<TeamRecord> change) {
        return none();
    }

    @Override
    public Future<Boolean> deleteTeam(String name) {
        return none();
    }

    @Override
    public Future<Optional<List<Ended>>> begin(String session, UserRecord user, long lifeSeconds) {
        return none();
    }

    @Override
    public Future<Refreshed> refresh(String session, long generation, long lifeSeconds) {
        return none();
    }

    @Override
    public Future<List<Ended>> end(String session, String why) {
        return none();
    }

    @Override
    public Future<List<Ended>> endAll(String user, String why) {
        return none();
    }

    private static <T> Future<T> none() {
        return Future.failedFuture(
                Fault.of(FaultCode.UNAVAILABLE, "Users are kept in Postgres, and none is configured (postgres.url)."));
    }
}
