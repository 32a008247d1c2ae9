package dev.penstock.gateway.auth.policy;

import dev.penstock.common.unit.Bytes;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/**
 * A browser session as a signed value: {@code v1.<key id>.<expiry, Unix seconds>.<signature>}. Nothing is stored, so any
 * gateway with the same secret accepts it. The signature also covers the hash of the key: a session dies with its key.
 */
public final class SessionToken {
    private static final String VERSION = "v1";
    private static final int MAX_LENGTH = 256;

    private final Hmac hmac;

    public SessionToken(Hmac hmac) {
        this.hmac = hmac;
    }

    /** What a token claims; true only after {@link #signedFor}. */
    public record Claim(String keyId, long expirySeconds, String signature) {
        public boolean expired(long nowSeconds) {
            return nowSeconds >= expirySeconds;
        }
    }

    public String issue(String keyId, Bytes keyHash, long expirySeconds) {
        return VERSION + '.' + keyId + '.' + expirySeconds + '.' + sign(keyId, keyHash, expirySeconds);
    }

    /** The claim, or empty where the text is not of our form. */
    public static Optional<Claim> parse(String token) {
        if (token.length() > MAX_LENGTH) {
            return Optional.empty();
        }
        String[] parts = token.split("\\.", 5);
        if (parts.length != 4 || !parts[0].equals(VERSION) || !parts[2].matches("\\d{1,12}")) {
            return Optional.empty();
        }
        return Optional.of(new Claim(parts[1], Long.parseLong(parts[2]), parts[3]));
    }

    /** Whether this secret signed the claim for the key with that hash. */
    public boolean signedFor(Claim claim, Bytes keyHash) {
        String expected = sign(claim.keyId(), keyHash, claim.expirySeconds());
        return Hmac.same(Bytes.of(expected), Bytes.of(claim.signature()));
    }

    private String sign(String keyId, Bytes keyHash, long expirySeconds) {
        byte[] head = (VERSION + '.' + keyId + '.' + expirySeconds + '.').getBytes(StandardCharsets.UTF_8);
        byte[] data = new byte[head.length + keyHash.size()];
        System.arraycopy(head, 0, data, 0, head.length);
        System.arraycopy(keyHash.unsafeArray(), 0, data, head.length, keyHash.size());
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(hmac.of(data).unsafeArray());
    }
}
