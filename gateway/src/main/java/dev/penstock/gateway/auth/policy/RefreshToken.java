package dev.penstock.gateway.auth.policy;

import dev.penstock.common.unit.Bytes;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * A refresh token: {@code psr-<session>.<generation>.<signature>}. The signature makes it unguessable and tells a used
 * token from an invented one, so nothing secret is stored; which generation works now is known to the store alone.
 */
public final class RefreshToken {
    private static final String PREFIX = "psr-";
    private static final int MAX_LENGTH = 256;

    private final SecretRing secrets;

    public RefreshToken(SecretRing secrets) {
        this.secrets = secrets;
    }

    /** A session at one step of its life. */
    public record Claim(String session, long generation) {}

    public String issue(Claim claim) {
        return PREFIX + text(claim) + '.' + sign(secrets.current(), claim);
    }

    /** What the token says, or null where none of our secrets made it. */
    public @Nullable Claim verify(String token) {
        if (token.length() > MAX_LENGTH || !token.startsWith(PREFIX)) {
            return null;
        }
        String[] parts = token.substring(PREFIX.length()).split("\\.", 4);
        if (parts.length != 3 || !parts[1].matches("\\d{1,18}")) {
            return null;
        }
        Claim claim = new Claim(parts[0], Long.parseLong(parts[1]));
        for (SecretRing.Entry secret : secrets.entries()) {
            if (Hmac.same(Bytes.of(sign(secret, claim)), Bytes.of(parts[2]))) {
                return claim;
            }
        }
        return null;
    }

    private static String text(Claim claim) {
        return claim.session() + '.' + claim.generation();
    }

    private static String sign(SecretRing.Entry secret, Claim claim) {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(secret.hmac().of(text(claim)).unsafeArray());
    }
}
