package dev.penstock.gateway.auth.policy;

import dev.penstock.common.unit.Bytes;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * HMAC-SHA256 under one key. A keyed hash and not a slow one: what is hashed are random keys of 256 bits, which nobody
 * can guess, and it must cost about a microsecond. Safe for use by many threads.
 */
public final class Hmac {
    private static final String ALGORITHM = "HmacSHA256";

    /** Initialised once and only ever cloned: making a new one costs a provider look-up. */
    private final Mac prototype;

    /** @throws IllegalArgumentException where {@code secret} is empty */
    public Hmac(byte[] secret) {
        try {
            prototype = Mac.getInstance(ALGORITHM);
            prototype.init(new SecretKeySpec(secret, ALGORITHM));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no " + ALGORITHM, e);
        }
    }

    /** A different key for each purpose, so that a value made for one can never pass for another. */
    public static Hmac derived(byte[] secret, String purpose) {
        return new Hmac(new Hmac(secret).of(purpose).unsafeArray());
    }

    /** 32 bytes. */
    public Bytes of(String text) {
        return of(text.getBytes(StandardCharsets.UTF_8));
    }

    /** 32 bytes. */
    public Bytes of(byte[] data) {
        try {
            Mac mac = (Mac) prototype.clone();
            return Bytes.of(mac.doFinal(data));
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException(ALGORITHM + " cannot be cloned", e);
        }
    }

    /** Compares in a time that does not depend on where they differ. */
    public static boolean same(Bytes one, Bytes other) {
        return MessageDigest.isEqual(one.unsafeArray(), other.unsafeArray());
    }
}
