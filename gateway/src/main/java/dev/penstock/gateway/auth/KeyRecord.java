package dev.penstock.gateway.auth;

import dev.penstock.common.contract.Priority;
import dev.penstock.common.unit.Bytes;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A key as Postgres keeps it.
 *
 * @param id public; what logs, limits and {@code keys revoke} name it by
 * @param hash HMAC-SHA256 of the key
 * @param user the id of the user it belongs to; null where it belongs to nobody in particular
 * @param priority the most urgent priority it may ask for
 * @param scope what it is bound to beyond its role
 * @param createdBy the id of the key or user that made it
 * @param expiresAt when it stops working; null for never
 * @param previous what it was before its last rotation; null where that does not work any more or there was none
 * @param suspended whose being disabled lets it rest, {@code user} or {@code team}; null while it works. Postgres sets it
 * @param version grows with every change of any key
 */
public record KeyRecord(
        String id,
        String name,
        Bytes hash,
        AccessRole role,
        @Nullable String user,
        @Nullable String team,
        boolean unlimited,
        Priority priority,
        Scope scope,
        Instant createdAt,
        String createdBy,
        @Nullable Instant expiresAt,
        @Nullable Previous previous,
        @Nullable String suspended,
        @Nullable Instant revokedAt,
        long version) {

    /** The secret before a rotation, which works on for a while. */
    record Previous(Bytes hash, Instant until) {}

    /** A key that is bound to nothing but role and team, and never expires. */
    static KeyRecord plain(
            String id,
            String name,
            Bytes hash,
            AccessRole role,
            @Nullable String team,
            boolean unlimited,
            Priority priority,
            Instant createdAt,
            String createdBy) {
        return new KeyRecord(
                id,
                name,
                hash,
                role,
                null,
                team,
                unlimited,
                priority,
                Scope.OPEN,
                createdAt,
                createdBy,
                null,
                null,
                null,
                null,
                0);
    }

    /** Whether it was not revoked; it may still have expired or rest. */
    public boolean live() {
        return revokedAt == null;
    }

    /** When it stops working, Unix milliseconds; {@code Long.MAX_VALUE} for never. */
    long untilMillis() {
        return expiresAt == null ? Long.MAX_VALUE : expiresAt.toEpochMilli();
    }

    /** With a new secret; the one before works until then. */
    KeyRecord rotated(Bytes newHash, Instant previousUntil) {
        return copy(newHash, new Previous(hash, previousUntil), suspended, revokedAt, version);
    }

    KeyRecord revoked(Instant at, long newVersion) {
        return copy(hash, previous, suspended, at, newVersion);
    }

    /** As Postgres gives it back. */
    KeyRecord stored(@Nullable String nowSuspended, long newVersion) {
        return copy(hash, previous, nowSuspended, revokedAt, newVersion);
    }

    private KeyRecord copy(
            Bytes newHash,
            @Nullable Previous newPrevious,
            @Nullable String newSuspended,
            @Nullable Instant newRevokedAt,
            long newVersion) {
        return new KeyRecord(
                id,
                name,
                newHash,
                role,
                user,
                team,
                unlimited,
                priority,
                scope,
                createdAt,
                createdBy,
                expiresAt,
                newPrevious,
                newSuspended,
                newRevokedAt,
                newVersion);
    }

    /** What it is like, for a change of it. */
    public KeyAdmin.Wish wish() {
        return new KeyAdmin.Wish(name, role, user, team, unlimited, priority, scope, expiresAt);
    }

    KeyRecord changed(KeyAdmin.Wish wish) {
        return new KeyRecord(
                id,
                wish.name(),
                hash,
                wish.role(),
                wish.user(),
                wish.team(),
                wish.unlimited(),
                wish.priority(),
                wish.scope(),
                createdAt,
                createdBy,
                wish.expiresAt(),
                previous,
                suspended,
                revokedAt,
                version);
    }

    /** What requests see of it. A key without a team is a tenant of its own. */
    public Principal principal() {
        return new Principal(
                id, name, role, user, team, team == null ? "key:" + id : "team:" + team, unlimited, priority, scope);
    }
}
