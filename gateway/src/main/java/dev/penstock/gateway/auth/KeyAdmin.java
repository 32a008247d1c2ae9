package dev.penstock.gateway.auth;

import dev.penstock.common.contract.Priority;
import dev.penstock.common.contract.SecurityContract.Kind;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.unit.Bytes;
import dev.penstock.gateway.auth.policy.SecretRing;
import io.vertx.core.Future;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Makes, lists, changes, rotates and ends keys, and tells all gateways. */
public final class KeyAdmin {
    private static final int LIST_LIMIT = 10_000;

    private final KeyStore store;
    private final UserStore users;
    private final Announcer announcer;
    private final SecretRing hashes;
    private final SecurityTrail trail;
    private final Clock clock;

    KeyAdmin(
            KeyStore store, UserStore users, Announcer announcer, SecretRing hashes, SecurityTrail trail, Clock clock) {
        this.store = store;
        this.users = users;
        this.announcer = announcer;
        this.hashes = hashes;
        this.trail = trail;
        this.clock = clock;
    }

    /**
     * What a key shall be.
     *
     * @param user id or name of the user it belongs to; null for nobody in particular
     * @param expiresAt null for never
     */
    public record Wish(
            String name,
            AccessRole role,
            @Nullable String user,
            @Nullable String team,
            boolean unlimited,
            Priority priority,
            Scope scope,
            @Nullable Instant expiresAt) {

        /** A key that is bound to nothing but role and team, and never expires. */
        public Wish(String name, AccessRole role, @Nullable String team, boolean unlimited, Priority priority) {
            this(name, role, null, team, unlimited, priority, Scope.OPEN, null);
        }

        private Wish withUser(String id) {
            return new Wish(name, role, id, team, unlimited, priority, scope, expiresAt);
        }
    }

    /** @param key shown this once; only its hash is kept */
    public record Created(String key, KeyRecord record) {
        @Override
        public String toString() {
            return "Created[" + record.id() + "]";
        }
    }

    /** Makes a key. */
    public Future<Created> create(Wish wish, Caller by) {
        return resolved(checked(wish)).compose(sound -> {
            String key = KeyText.key();
            var blank = KeyRecord.plain(
                    KeyText.id(),
                    sound.name(),
                    hashes.of(key),
                    sound.role(),
                    sound.team(),
                    sound.unlimited(),
                    sound.priority(),
                    clock.instant().truncatedTo(ChronoUnit.MILLIS),
                    by.id());
            return store.insert(blank.changed(sound))
                    .compose(stored -> announce(Kind.KEY_CREATED, stored, by, "created: " + described(stored))
                            .map(done -> new Created(key, stored)));
        });
    }

    /**
     * Changes what a key may do; its secret stays.
     *
     * @param change of what it is like now; may throw a fault
     */
    public Future<KeyRecord> change(String id, UnaryOperator<Wish> change, Caller by) {
        return store.change(id, key -> key.changed(checked(change.apply(key.wish()))))
                .compose(changed -> changed.isEmpty()
                        ? missing(id)
                        : announce(Kind.KEY_CHANGED, changed.get(), by, "changed: " + described(changed.get()))
                                .map(changed.get()));
    }

    /** The id of a user given by id or name; fails with a fault that names the field. */
    public Future<String> userId(String idOrName) {
        return users.findUser(idOrName)
                .compose(found -> found.isEmpty()
                        ? Future.failedFuture(Fault.invalid("user", "There is no user '" + idOrName + "'."))
                        : Future.succeededFuture(found.get().id()));
    }

    /**
     * Gives a key a new secret. Id and bindings stay.
     *
     * @param grace how long the one before works on; not at all where zero
     */
    public Future<Created> rotate(String id, Duration grace, Caller by) {
        String key = KeyText.key();
        Bytes hash = hashes.of(key);
        Instant until = clock.instant().plus(grace).truncatedTo(ChronoUnit.MILLIS);
        return store.change(id, before -> before.rotated(hash, until))
                .compose(rotated -> rotated.isEmpty()
                        ? missing(id)
                        : announce(
                                        Kind.KEY_ROTATED,
                                        rotated.get(),
                                        by,
                                        grace.isZero() ? "rotated" : "rotated; the one before works until " + until)
                                .map(done -> new Created(key, rotated.get())));
    }

    /** Ends a key; fails with {@code NOT_FOUND} where no live key has that id. */
    public Future<Void> revoke(String id, Caller by) {
        return store.revoke(id)
                .compose(found ->
                        found.isEmpty() ? missing(id) : announce(Kind.KEY_REVOKED, found.get(), by, "revoked"));
    }

    /** The newest 10,000, ended ones too; never the keys themselves. */
    public Future<List<KeyRecord>> list() {
        return store.list(LIST_LIMIT);
    }

    private Wish checked(Wish wish) {
        if (wish.expiresAt() != null && !wish.expiresAt().isAfter(clock.instant())) {
            throw Fault.invalid("expiresAt", "'expiresAt' has passed already; to end a key, revoke it.");
        }
        return wish;
    }

    private Future<Wish> resolved(Wish wish) {
        return wish.user() == null
                ? Future.succeededFuture(wish)
                : userId(wish.user()).map(wish::withUser);
    }

    private static <T> Future<T> missing(String id) {
        return Future.failedFuture(Fault.of(FaultCode.NOT_FOUND, "No live key has the id '" + id + "'."));
    }

    private Future<Void> announce(Kind kind, KeyRecord key, Caller by, String detail) {
        return announcer
                .changed(List.of(key), List.of(), by.call())
                .compose(told -> trail.done(kind, by, key.id(), detail));
    }

    private static String described(KeyRecord key) {
        return "role " + key.role().label() + ", team " + key.team() + ", user " + key.user()
                + (key.expiresAt() == null ? "" : ", until " + key.expiresAt());
    }
}
