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
 * @param priority the most urgent priority it may ask for
 * @param createdBy the id of the key that made it
 * @param version grows with every change of any key
 */
public record KeyRecord(
        String id,
        String name,
        Bytes hash,
        AccessRole role,
        @Nullable String team,
        boolean unlimited,
        Priority priority,
        Instant createdAt,
        String createdBy,
        @Nullable Instant revokedAt,
        long version) {

    public boolean live() {
        return revokedAt == null;
    }

    /** What requests see of it. A key without a team is a tenant of its own. */
    public Principal principal() {
        return new Principal(
                id,
                name,
                role,
                null,
                team,
                team == null ? "key:" + id : "team:" + team,
                unlimited,
                priority,
                Scope.OPEN);
    }
}
