package dev.penstock.gateway.nearcache;

import dev.penstock.common.contract.CacheContract.CacheKey;
import dev.penstock.common.contract.CacheContract.CacheType;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Names answers: the first 128 bits of SHA-256 over a secret and the parts, each with its length before it, so that no
 * two lists of parts read the same. Cryptographic, so that nobody can make two questions with one name. Every gateway of
 * a cluster must be given the same secret. Confined to one thread.
 */
public final class KeyHasher {
    private static final int DIGEST = 32;

    private final MessageDigest sha;
    private final byte[] secret;
    private final byte[] out = new byte[DIGEST];
    private final byte[] length = new byte[Integer.BYTES];

    public KeyHasher(String secret) {
        try {
            sha = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
        this.secret = sha.digest(("penstock cache keys\0" + secret).getBytes(StandardCharsets.UTF_8));
    }

    /** The key of one answer of {@code type} for {@code tenant}; {@code parts} say what was asked of what. */
    public CacheKey key(String tenant, CacheType type, byte[]... parts) {
        sha.update(secret);
        part(tenant.getBytes(StandardCharsets.UTF_8));
        part(type.name().getBytes(StandardCharsets.US_ASCII));
        for (byte[] part : parts) {
            part(part);
        }
        finish();
        ByteBuffer hash = ByteBuffer.wrap(out);
        return new CacheKey(tenant, type, hash.getLong(), hash.getLong());
    }

    private void part(byte[] part) {
        int n = part.length;
        length[0] = (byte) (n >>> 24);
        length[1] = (byte) (n >>> 16);
        length[2] = (byte) (n >>> 8);
        length[3] = (byte) n;
        sha.update(length);
        sha.update(part);
    }

    private void finish() {
        try {
            sha.digest(out, 0, DIGEST);
        } catch (DigestException e) {
            throw new IllegalStateException("32 bytes hold a SHA-256", e);
        }
    }
}
