package dev.penstock.gateway.auth;

import dev.penstock.common.unit.Bytes;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Where users, teams and sessions last. Every call fails with {@code UNAVAILABLE} while it is away. */
interface UserStore extends Follower.Source<EndedSessions.Ended> {
    /**
     * What a change led to beyond itself.
     *
     * @param row as it is now; empty where there is none
     * @param sessions those that ended
     * @param keys those that rest, work again or ended
     */
    record Effect<R>(Optional<R> row, List<EndedSessions.Ended> sessions, List<KeyRecord> keys) {}

    /** A step of a session's refresh. */
    sealed interface Refreshed {
        /** It goes on, with this generation. */
        record Renewed(UserRecord user, long generation) implements Refreshed {}

        /** The token's generation has passed already: somebody used it before. */
        record Reused(String user) implements Refreshed {}

        /** The session, or its user, is gone. */
        record Over() implements Refreshed {}
    }

    /** Fails with {@code CONFLICT} where the name or the e-mail address is taken. */
    Future<UserRecord> insertUser(UserRecord user);

    /** By id, or by name whatever the case of its letters. */
    Future<Optional<UserRecord>> findUser(String idOrName);

    /** By any of these indexes of an e-mail address. */
    Future<Optional<UserRecord>> findByEmail(List<Bytes> indexes);

    /** As {@link #findUser}, of those who may sign in: neither they nor their team are disabled. */
    Future<Optional<UserRecord>> findActive(String name);

    /** By name, after {@code after}, at most {@code limit}. */
    Future<List<UserRecord>> listUsers(String after, int limit);

    /**
     * Changes a user, alone on it. Ends the user's sessions where role, team, password or standing change, and lets the
     * user's keys rest or work accordingly.
     */
    Future<Effect<UserRecord>> changeUser(String id, UnaryOperator<UserRecord> change);

    /** Ends the user's sessions and keys too. */
    Future<Effect<UserRecord>> deleteUser(String id);

    /** Another hash of the same password, as long as the user still has that one. */
    Future<Void> rehash(String id, String before, String after);

    Future<TeamRecord> insertTeam(TeamRecord team);

    Future<List<TeamRecord>> listTeams(String after, int limit);

    /** Disabling ends the sessions of the team's users and lets its keys rest. */
    Future<Effect<TeamRecord>> changeTeam(String name, UnaryOperator<TeamRecord> change);

    /** Fails with {@code CONFLICT} while users or live keys carry the name. */
    Future<Boolean> deleteTeam(String name);

    /**
     * Begins a session, if the user may still sign in and still has the password that was checked.
     *
     * @param lifeSeconds how long it lasts without a refresh
     * @return the sessions that ended for it, since a user has only so many; empty where it did not begin
     */
    Future<Optional<List<EndedSessions.Ended>>> begin(String session, UserRecord user, long lifeSeconds);

    /** Makes a session's next generation, if {@code generation} is its present one. */
    Future<Refreshed> refresh(String session, long generation, long lifeSeconds);

    /** Ends a session; empty where it had ended. */
    Future<List<EndedSessions.Ended>> end(String session, String why);

    /** Ends all sessions of a user. */
    Future<List<EndedSessions.Ended>> endAll(String user, String why);
}
