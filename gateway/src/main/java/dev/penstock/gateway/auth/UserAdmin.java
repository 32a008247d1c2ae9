package dev.penstock.gateway.auth;

import dev.penstock.common.contract.SecurityContract.Kind;
import dev.penstock.common.crypto.FieldCipher;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Makes, lists, changes and deletes users and teams, and tells all gateways. */
public final class UserAdmin {
    private static final int SHORTEST = 12;
    /** Room for any phrase; what is longer is an attack on the hash. */
    static final int MOST_BYTES = 1_024;

    private final UserStore store;
    private final Passwords passwords;
    private final Announcer announcer;
    private final SecurityTrail trail;
    private final FieldCipher cipher;
    private final Clock clock;

    UserAdmin(
            UserStore store,
            Passwords passwords,
            Announcer announcer,
            SecurityTrail trail,
            FieldCipher cipher,
            Clock clock) {
        this.cipher = cipher;
        this.store = store;
        this.passwords = passwords;
        this.announcer = announcer;
        this.trail = trail;
        this.clock = clock;
    }

    /** What a user shall be. */
    public record UserWish(
            String name,
            @Nullable String email,
            AccessRole role,
            @Nullable String team,
            boolean disabled) {}

    /** What a team shall be. */
    public record TeamWish(String description, boolean disabled) {}

    /** @param password null for somebody who shall only have keys */
    public Future<UserRecord> createUser(UserWish wish, @Nullable String password, Caller by) {
        String id = KeyText.userId();
        return hash(password)
                .compose(hash -> store.insertUser(new UserRecord(
                                id,
                                wish.name(),
                                sealed(wish.email(), id),
                                hash.text(),
                                wish.role(),
                                wish.team(),
                                null,
                                now(),
                                by.id()))
                        .compose(made -> trail.done(
                                        Kind.USER_CHANGED,
                                        by,
                                        made.id(),
                                        "created: role " + made.role().label())
                                .map(made)));
    }

    /** The user with that address, whatever the case of its letters; none or one. */
    public Future<List<UserRecord>> findByEmail(String email) {
        return store.findByEmail(SealedEmail.indexes(cipher, email))
                .map(found -> found.stream().toList());
    }

    /** A user's address in clear; null where there is none. */
    public @Nullable String email(UserRecord user) {
        SealedEmail sealed = user.email();
        return sealed == null ? null : sealed.open(cipher, user.id());
    }

    private @Nullable SealedEmail sealed(@Nullable String email, String user) {
        return email == null ? null : SealedEmail.of(cipher, email, user);
    }

    /** By name, after {@code after}, at most {@code limit}. */
    public Future<List<UserRecord>> listUsers(String after, int limit) {
        return store.listUsers(after, limit);
    }

    /** @param password null to leave it as it is */
    public Future<UserRecord> changeUser(
            String id, UnaryOperator<UserWish> change, @Nullable String password, Caller by) {
        return hash(password)
                .compose(hash -> store.changeUser(id, user -> {
                            UserWish wish = change.apply(new UserWish(
                                    user.name(), email(user), user.role(), user.team(), user.disabledAt() != null));
                            return new UserRecord(
                                    user.id(),
                                    wish.name(),
                                    sealed(wish.email(), user.id()),
                                    hash.text() == null ? user.password() : hash.text(),
                                    wish.role(),
                                    wish.team(),
                                    disabled(wish.disabled(), user.disabledAt()),
                                    user.createdAt(),
                                    user.createdBy());
                        })
                        .compose(effect -> {
                            UserRecord row = effect.row().orElseThrow(() -> missing("user", id));
                            String detail = "changed: role " + row.role().label() + ", team " + row.team()
                                    + (row.disabledAt() == null ? "" : ", disabled")
                                    + (password == null ? "" : ", password")
                                    + "; sessions ended: " + effect.sessions().size();
                            return announcer
                                    .changed(effect.keys(), effect.sessions(), by.call())
                                    .compose(told -> trail.done(Kind.USER_CHANGED, by, id, detail))
                                    .map(row);
                        }));
    }

    /**
     * Takes a user every way in, for good: no password, disabled, sessions over, keys at rest. The row stays.
     *
     * @return fails with {@code NOT_FOUND} where there is no such user
     */
    public Future<Void> retire(String id, Caller by) {
        return store.changeUser(
                        id,
                        user -> new UserRecord(
                                user.id(),
                                user.name(),
                                null,
                                null,
                                user.role(),
                                user.team(),
                                disabled(true, user.disabledAt()),
                                user.createdAt(),
                                user.createdBy()))
                .compose(effect -> {
                    if (effect.row().isEmpty()) {
                        return Future.failedFuture(missing("user", id));
                    }
                    return announcer
                            .changed(effect.keys(), effect.sessions(), by.call())
                            .compose(told -> trail.done(
                                    Kind.USER_CHANGED,
                                    by,
                                    id,
                                    "retired; sessions ended: "
                                            + effect.sessions().size()));
                });
    }

    /** Ends the user's sessions and keys too. */
    public Future<Void> deleteUser(String id, Caller by) {
        return store.deleteUser(id).compose(effect -> {
            if (effect.row().isEmpty()) {
                return Future.failedFuture(missing("user", id));
            }
            int keys = effect.keys().size();
            return announcer
                    .changed(effect.keys(), effect.sessions(), by.call())
                    .compose(told -> trail.done(Kind.USER_CHANGED, by, id, "deleted; keys revoked: " + keys));
        });
    }

    public Future<TeamRecord> createTeam(String name, String description, Caller by) {
        return store.insertTeam(new TeamRecord(name, description, null, now(), by.id()))
                .compose(made ->
                        trail.done(Kind.TEAM_CHANGED, by, name, "created").map(made));
    }

    /** By name, after {@code after}, at most {@code limit}. */
    public Future<List<TeamRecord>> listTeams(String after, int limit) {
        return store.listTeams(after, limit);
    }

    public Future<TeamRecord> changeTeam(String name, UnaryOperator<TeamWish> change, Caller by) {
        return store.changeTeam(name, team -> {
                    TeamWish wish = change.apply(new TeamWish(team.description(), team.disabledAt() != null));
                    return new TeamRecord(
                            name,
                            wish.description(),
                            disabled(wish.disabled(), team.disabledAt()),
                            team.createdAt(),
                            team.createdBy());
                })
                .compose(effect -> {
                    TeamRecord row = effect.row().orElseThrow(() -> missing("team", name));
                    String detail = "changed" + (row.disabledAt() == null ? "" : ": disabled") + "; sessions ended: "
                            + effect.sessions().size() + ", keys touched: "
                            + effect.keys().size();
                    return announcer
                            .changed(effect.keys(), effect.sessions(), by.call())
                            .compose(told -> trail.done(Kind.TEAM_CHANGED, by, name, detail))
                            .map(row);
                });
    }

    /** Fails with {@code CONFLICT} while users or live keys carry the name. */
    public Future<Void> deleteTeam(String name, Caller by) {
        return store.deleteTeam(name)
                .compose(gone -> gone
                        ? trail.done(Kind.TEAM_CHANGED, by, name, "deleted")
                        : Future.failedFuture(missing("team", name)));
    }

    /** @param text null where there is no password */
    private record Hash(@Nullable String text) {}

    private Future<Hash> hash(@Nullable String password) {
        if (password == null) {
            return Future.succeededFuture(new Hash(null));
        }
        if (password.codePointCount(0, password.length()) < SHORTEST
                || password.getBytes(StandardCharsets.UTF_8).length > MOST_BYTES) {
            return Future.failedFuture(Fault.invalid(
                    "password",
                    "'password' must have at least " + SHORTEST + " characters and at most " + MOST_BYTES + " bytes."));
        }
        return passwords.hash(password).map(Hash::new);
    }

    private @Nullable Instant disabled(boolean wanted, @Nullable Instant since) {
        if (!wanted) {
            return null;
        }
        return since == null ? now() : since;
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }

    private static Fault missing(String what, String id) {
        return Fault.of(FaultCode.NOT_FOUND, "There is no " + what + " '" + id + "'.");
    }
}
