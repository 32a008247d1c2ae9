package dev.penstock.gateway.auth;

import dev.penstock.common.bus.Bus;
import dev.penstock.common.bus.CallContext;
import dev.penstock.common.contract.SecurityContract;
import dev.penstock.gateway.auth.EndedSessions.Ended;
import io.vertx.core.Future;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;

/**
 * Tells all gateways of what just changed in Postgres: this one at once, the others by a hint on the bus, by Redis, and
 * by the reads that they do anyway. Any one of the three is enough.
 */
final class Announcer {
    private final Follower<KeyRecord, KeyTable> keys;
    private final Follower<Ended, EndedSessions> sessions;
    private final Revocations revokedKeys;
    private final Revocations endedSessions;
    private final Bus bus;
    private final Clock clock;

    Announcer(
            Follower<KeyRecord, KeyTable> keys,
            Follower<Ended, EndedSessions> sessions,
            Revocations revokedKeys,
            Revocations endedSessions,
            Bus bus,
            Clock clock) {
        this.keys = keys;
        this.sessions = sessions;
        this.revokedKeys = revokedKeys;
        this.endedSessions = endedSessions;
        this.bus = bus;
        this.clock = clock;
    }

    /** Complete once this gateway acts by the changes and the others were told; never fails. */
    Future<Void> changed(List<KeyRecord> changedKeys, List<Ended> ended, CallContext call) {
        if (changedKeys.isEmpty() && ended.isEmpty()) {
            return Future.succeededFuture();
        }
        List<String> stopped = new ArrayList<>();
        List<String> working = new ArrayList<>();
        long version = 0;
        for (KeyRecord key : changedKeys) {
            (key.live() && key.suspended() == null ? working : stopped).add(key.id());
            version = Math.max(version, key.version());
        }
        var hint = new SecurityContract.KeysChanged(version);
        long now = clock.millis();
        return Future.join(
                        revokedKeys.add(stopped, now),
                        revokedKeys.remove(working),
                        endedSessions.add(ended.stream().map(Ended::id).toList(), now))
                .transform(told -> Future.join(keys.learn(changedKeys), sessions.learn(ended)))
                .transform(known -> {
                    bus.publish(SecurityContract.KEYS_CHANGED, hint, call);
                    return Future.succeededFuture();
                });
    }
}
