package dev.penstock.gateway.auth;

import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.unit.Bytes;
import dev.penstock.gateway.auth.EndedSessions.Ended;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/** Users, teams and sessions in memory, as far as the operations need them; keys are not touched. */
public final class FakeUsers implements UserStore {
    private record Session(String user, long generation, boolean over) {}

    private final Map<String, UserRecord> users = new TreeMap<>();
    private final Map<String, TeamRecord> teams = new TreeMap<>();
    private final Map<String, Session> sessions = new HashMap<>();
    private final List<Ended> ended = new ArrayList<>();
    private final AtomicInteger lookups = new AtomicInteger();

    int lookups() {
        return lookups.get();
    }

    @Override
    public boolean available() {
        return true;
    }

    @Override
    public synchronized Future<List<Ended>> changedSince(long version, int limit) {
        return Future.succeededFuture(ended.stream()
                .filter(row -> row.version() > version)
                .limit(limit)
                .toList());
    }

    @Override
    public synchronized Future<UserRecord> insertUser(UserRecord user) {
        if (find(user.name()).isPresent()) {
            return Future.failedFuture(Fault.of(FaultCode.CONFLICT, "taken"));
        }
        users.put(user.id(), user);
        return Future.succeededFuture(user);
    }

    private Optional<UserRecord> find(String idOrName) {
        return users.values().stream()
                .filter(user -> user.id().equals(idOrName) || user.name().equalsIgnoreCase(idOrName))
                .findFirst();
    }

    @Override
    public synchronized Future<Optional<UserRecord>> findUser(String idOrName) {
        return Future.succeededFuture(find(idOrName));
    }

    @Override
    public synchronized Future<Optional<UserRecord>> findByEmail(List<Bytes> indexes) {
        return Future.succeededFuture(users.values().stream()
                .filter(user ->
                        user.email() != null && indexes.contains(user.email().index()))
                .findFirst());
    }

    @Override
    public synchronized Future<Optional<UserRecord>> findActive(String name) {
        lookups.incrementAndGet();
        return Future.succeededFuture(find(name).filter(user -> user.disabledAt() == null));
    }

    @Override
    public synchronized Future<List<UserRecord>> listUsers(String after, int limit) {
        return Future.succeededFuture(users.values().stream()
                .filter(user -> user.name().compareTo(after) > 0)
                .limit(limit)
                .toList());
    }

    @Override
    public synchronized Future<Effect<UserRecord>> changeUser(String id, UnaryOperator<UserRecord> change) {
        UserRecord now = users.computeIfPresent(id, (same, user) -> change.apply(user));
        return now == null ? none() : Future.succeededFuture(new Effect<>(Optional.of(now), over(id), List.of()));
    }

    @Override
    public synchronized Future<Effect<UserRecord>> deleteUser(String id) {
        UserRecord gone = users.remove(id);
        return gone == null ? none() : Future.succeededFuture(new Effect<>(Optional.of(gone), over(id), List.of()));
    }

    private static <R> Future<Effect<R>> none() {
        return Future.succeededFuture(new Effect<>(Optional.empty(), List.of(), List.of()));
    }

    @Override
    public synchronized Future<Void> rehash(String id, String before, String after) {
        users.computeIfPresent(id, (same, user) -> before.equals(user.password()) ? user.withPassword(after) : user);
        return Future.succeededFuture();
    }

    @Override
    public synchronized Future<TeamRecord> insertTeam(TeamRecord team) {
        teams.put(team.name(), team);
        return Future.succeededFuture(team);
    }

    @Override
    public synchronized Future<List<TeamRecord>> listTeams(String after, int limit) {
        return Future.succeededFuture(teams.values().stream()
                .filter(team -> team.name().compareTo(after) > 0)
                .limit(limit)
                .toList());
    }

    @Override
    public synchronized Future<Effect<TeamRecord>> changeTeam(String name, UnaryOperator<TeamRecord> change) {
        TeamRecord now = teams.computeIfPresent(name, (same, team) -> change.apply(team));
        return now == null ? none() : Future.succeededFuture(new Effect<>(Optional.of(now), List.of(), List.of()));
    }

    @Override
    public synchronized Future<Boolean> deleteTeam(String name) {
        return Future.succeededFuture(teams.remove(name) != null);
    }

    @Override
    public synchronized Future<Optional<List<Ended>>> begin(String session, UserRecord user, long lifeSeconds) {
        sessions.put(session, new Session(user.id(), 1, false));
        return Future.succeededFuture(Optional.of(List.of()));
    }

    @Override
    public synchronized Future<Refreshed> refresh(String session, long generation, long lifeSeconds) {
        Session now = sessions.get(session);
        if (now == null) {
            return Future.succeededFuture(new Refreshed.Over());
        }
        if (now.generation() > generation) {
            return Future.succeededFuture(new Refreshed.Reused(now.user()));
        }
        if (now.over()) {
            return Future.succeededFuture(new Refreshed.Over());
        }
        sessions.put(session, new Session(now.user(), generation + 1, false));
        return Future.succeededFuture(new Refreshed.Renewed(users.get(now.user()), generation + 1));
    }

    @Override
    public synchronized Future<List<Ended>> end(String session, String why) {
        Session now = sessions.get(session);
        if (now == null || now.over()) {
            return Future.succeededFuture(List.of());
        }
        sessions.put(session, new Session(now.user(), now.generation(), true));
        Ended row = new Ended(session, ended.size() + 1);
        ended.add(row);
        return Future.succeededFuture(List.of(row));
    }

    @Override
    public synchronized Future<List<Ended>> endAll(String user, String why) {
        return Future.succeededFuture(over(user));
    }

    private List<Ended> over(String user) {
        List<Ended> rows = new ArrayList<>();
        List.copyOf(sessions.entrySet()).forEach(entry -> {
            if (entry.getValue().user().equals(user)) {
                rows.addAll(end(entry.getKey(), "all").result());
            }
        });
        return rows;
    }
}
