package dev.penstock.gateway.limit;

import dev.penstock.gateway.auth.Principal;
import org.jspecify.annotations.Nullable;

/**
 * Whom calls are counted under.
 *
 * @param key the key, or the address of a caller who has none
 * @param user null where nobody in particular calls
 * @param team null where there is none
 * @param address of the caller
 * @param own the class of limits that the key has of its own; null where the operations' hold
 */
public record Caller(
        String key,
        @Nullable String user,
        @Nullable String team,
        String address,
        @Nullable String own) {
    /** Somebody who is known. */
    public static Caller of(Principal principal, String address) {
        return new Caller(
                "key:" + principal.keyId(),
                principal.user(),
                principal.team(),
                address,
                principal.scope().rateClass());
    }

    /** Somebody of whom only the address is known. */
    public static Caller at(String address) {
        return new Caller("anonymous:" + address, null, null, address, null);
    }
}
