package dev.penstock.gateway.auth;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Judges the signed tokens (JWT, RFC 7519) of one issuer or several. Called on event loops: answers from memory at once,
 * and only for tokens that were not seen before, since good verdicts are remembered until the token expires. Safe for
 * use by many threads.
 */
public interface TokenVerifier {
    /** What became of a token. */
    sealed interface Verdict {
        /**
         * The token is good.
         *
         * @param principal who calls; {@link Principal#user()} and {@link Principal#keyId()} are both the id of the user,
         *     {@link Principal#session()} is null unless the session is one of {@code penstock.login_session}
         * @param expiresAt when it stops being good, or must be judged again
         */
        record Good(Principal principal, Instant expiresAt) implements Verdict {}

        /**
         * It is not: 401.
         *
         * @param reason one of a small fixed set, since it becomes a label, such as {@code token_expired}
         * @param message what the caller reads
         */
        record Bad(String reason, String message) implements Verdict {}

        /** It cannot be judged now, for example because the issuer's keys could not be read yet: 503 with Retry-After. */
        record Unclear(String message) implements Verdict {}
    }

    /**
     * Judges a token.
     *
     * @param token in its compact form, with three parts
     * @param issuer what its {@code iss} says, not verified
     * @return null where that issuer is somebody else's
     */
    @Nullable
    Verdict verify(String token, String issuer, Instant now);
}
