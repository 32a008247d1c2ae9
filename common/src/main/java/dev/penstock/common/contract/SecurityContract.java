package dev.penstock.common.contract;

import dev.penstock.common.bus.Topic;
import java.time.Instant;

/** What concerns who may do what: told to every gateway and to whoever watches. */
public sealed interface SecurityContract {
    /** Refusals and changes that a security engineer wants to see. */
    Topic<SecurityEvent> EVENTS = Topic.of("security.events.v1", SecurityEvent.class);
    /** A hint that keys changed; gateways also poll, so a lost hint costs at most a second. */
    Topic<KeysChanged> KEYS_CHANGED = Topic.of("security.keys-changed.v1", KeysChanged.class);

    /** A block that began, changed or was lifted; gateways also poll, so a lost one costs at most a second. */
    Topic<BlockChanged> BLOCKS = Topic.of("security.blocks.v1", BlockChanged.class);

    enum Kind {
        AUTHENTICATION_FAILED,
        ACCESS_DENIED,
        RATE_LIMITED,
        KEY_CREATED,
        KEY_CHANGED,
        KEY_ROTATED,
        KEY_REVOKED,
        LOGIN_SUCCEEDED,
        LOGIN_FAILED,
        LOGGED_OUT,
        /** A refresh token that had been used before: somebody holds a copy. */
        TOKEN_REUSED,
        USER_CHANGED,
        TEAM_CHANGED,
        BUDGET_CHANGED,
        BUDGET_EXHAUSTED,
        CONFIGURATION_CHANGED,
        ADDRESS_BLOCKED,
        ADDRESS_UNBLOCKED,
        /** Paths that only somebody looking for holes asks for. */
        SCAN_DETECTED,
        /** A rule against injection or traversal matched. */
        REQUEST_SUSPICIOUS,
        /** An upload that is not what it says, or is known to be harmful. */
        CONTENT_REFUSED,
        PRIVACY_EXPORTED,
        PRIVACY_ANONYMISED,
        PRIVACY_ERASED,
        /** A service registered with a pool, or was taken out of it. */
        INSTANCE_CHANGED,
        CACHE_INVALIDATED
    }

    /** @param subject a key id or {@code anonymous}, never a credential */
    record SecurityEvent(Kind kind, Instant at, String subject, String address, String correlationId, String detail)
            implements SecurityContract {}

    record KeysChanged(long version) implements SecurityContract {}

    /**
     * An address and until when it may not call.
     *
     * @param address an address, a /64 of IPv6, or a network
     * @param endsMillis wall clock; {@code Long.MAX_VALUE} for no end, 0 for lifted
     */
    record BlockChanged(String address, String reason, int strikes, long beganMillis, long endsMillis, String by)
            implements SecurityContract {}
}
