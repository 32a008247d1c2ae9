package dev.penstock.gateway.auth;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A person who may sign in, or own keys.
 *
 * @param name what they sign in with; unique whatever the case of its letters
 * @param email encrypted; null where there is none
 * @param password bcrypt; null for users who only have keys
 * @param createdBy the id of the key or user that made it
 */
public record UserRecord(
        String id,
        String name,
        @Nullable SealedEmail email,
        @Nullable String password,
        AccessRole role,
        @Nullable String team,
        @Nullable Instant disabledAt,
        Instant createdAt,
        String createdBy) {

    UserRecord withPassword(@Nullable String hash) {
        return new UserRecord(id, name, email, hash, role, team, disabledAt, createdAt, createdBy);
    }

    @Override
    public String toString() {
        return "UserRecord[" + id + "]";
    }
}
