package dev.penstock.gateway.auth;

import dev.penstock.common.contract.Priority;
import org.jspecify.annotations.Nullable;

/**
 * Who calls, as far as the request needs to know. Made once per key and shared by all its requests: immutable, and never
 * holds a credential.
 *
 * @param keyId the public id of the key, or of the user behind a token; what limits, logs and audit go by
 * @param name what people call the key
 * @param user the person behind the key or token; null where it belongs to nobody in particular
 * @param team the team of the key; null where it has none
 * @param tenant what caches and fairness are kept apart by: the team, else the key itself; never empty
 * @param unlimited true for keys made for measuring: no request limits hold
 * @param priorityCeiling the most urgent priority that this key may ask for
 * @param scope what it is bound to beyond its role
 * @param session the login that a token came from; null for keys
 */
public record Principal(
        String keyId,
        String name,
        AccessRole role,
        @Nullable String user,
        @Nullable String team,
        String tenant,
        boolean unlimited,
        Priority priorityCeiling,
        Scope scope,
        @Nullable String session) {

    /** Somebody with a key. */
    public Principal(
            String keyId,
            String name,
            AccessRole role,
            @Nullable String user,
            @Nullable String team,
            String tenant,
            boolean unlimited,
            Priority priorityCeiling,
            Scope scope) {
        this(keyId, name, role, user, team, tenant, unlimited, priorityCeiling, scope, null);
    }
}
