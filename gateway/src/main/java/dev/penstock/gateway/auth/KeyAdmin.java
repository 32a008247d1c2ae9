package dev.penstock.gateway.auth;

import dev.penstock.common.bus.Bus;
import dev.penstock.common.bus.CallContext;
import dev.penstock.common.contract.Priority;
import dev.penstock.common.contract.SecurityContract;
import dev.penstock.common.contract.SecurityContract.Kind;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.gateway.auth.policy.Hmac;
import io.vertx.core.Future;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes, lists and ends keys, and tells all gateways. */
public final class KeyAdmin {
    private static final int LIST_LIMIT = 10_000;

    private final KeyStore store;
    private final KeyDirectory directory;
    private final Revocations revocations;
    private final Hmac hashes;
    private final SecurityTrail trail;
    private final Bus bus;
    private final Clock clock;

    KeyAdmin(
            KeyStore store,
            KeyDirectory directory,
            Revocations revocations,
            Hmac hashes,
            SecurityTrail trail,
            Bus bus,
            Clock clock) {
        this.store = store;
        this.directory = directory;
        this.revocations = revocations;
        this.hashes = hashes;
        this.trail = trail;
        this.bus = bus;
        this.clock = clock;
    }

    /** What a new key shall be. */
    public record Wish(
            String name, AccessRole role, @Nullable String team, boolean unlimited, Priority priority) {}

    /** @param key shown this once; only its hash is kept */
    public record Created(String key, KeyRecord record) {
        @Override
        public String toString() {
            return "Created[" + record.id() + "]";
        }
    }

    /** @param address where the administrator calls from */
    public Future<Created> create(Wish wish, Principal by, String address, CallContext call) {
        String key = KeyText.key();
        var record = new KeyRecord(
                KeyText.id(),
                wish.name(),
                hashes.of(key),
                wish.role(),
                wish.team(),
                wish.unlimited(),
                wish.priority(),
                clock.instant().truncatedTo(ChronoUnit.MILLIS),
                by.keyId(),
                null,
                0);
        return store.insert(record)
                .compose(stored ->
                        announce(Kind.KEY_CREATED, stored, by, address, call).map(done -> new Created(key, stored)));
    }

    /** Ends a key; fails with {@code NOT_FOUND} where no live key has that id. */
    public Future<Void> revoke(String id, Principal by, String address, CallContext call) {
        return store.revoke(id)
                .compose(found -> found.isEmpty()
                        ? Future.failedFuture(Fault.of(FaultCode.NOT_FOUND, "No live key has the id '" + id + "'."))
                        : revocations
                                .add(id, clock.millis())
                                .otherwiseEmpty()
                                .compose(told -> announce(Kind.KEY_REVOKED, found.get(), by, address, call)));
    }

    /** The newest 10,000, ended ones too; never the keys themselves. */
    public Future<List<KeyRecord>> list() {
        return store.list(LIST_LIMIT);
    }

    private Future<Void> announce(Kind kind, KeyRecord key, Principal by, String address, CallContext call) {
        return trail.changed(kind, by.keyId(), address, call, key.id())
                .compose(kept -> directory.learn(key))
                .onSuccess(known -> bus.publish(
                        SecurityContract.KEYS_CHANGED, new SecurityContract.KeysChanged(key.version()), call));
    }
}
