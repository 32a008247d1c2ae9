package dev.penstock.common.crypto;

import dev.penstock.common.config.PenstockConfig;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.unit.Bytes;
import dev.penstock.common.unit.Secret;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.KDF;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Encrypts values that must not stand in clear in a database: personal data, credentials of others. AES-256-GCM under a
 * key that HKDF-SHA256 (RFC 5869) derives from a configured secret. A value is bound to its place: what was encrypted
 * for one row or column does not open in another. The first key encrypts, all decrypt, so that keys can be rotated while
 * old rows stay readable. Safe for many threads; a value of 100 bytes takes a few microseconds.
 *
 * <pre>
 * u8 version=1 · u32 key id · 12 bytes nonce · ciphertext · 16 bytes tag
 * </pre>
 *
 * Nonces are random: one key is good for 2^32 values (NIST SP 800-38D §8.3); rotate before.
 */
public final class FieldCipher {
    private static final byte VERSION = 1;
    private static final int NONCE = 12;
    private static final int TAG_BITS = 128;
    private static final int HEADER = 1 + Integer.BYTES + NONCE;
    /** Begins the text form, so that a value in clear is never mistaken for one. */
    private static final String TEXT = "enc1:";

    private static final SecureRandom random = new SecureRandom();

    private record Key(int id, SecretKey encryption, SecretKey index) {}

    private final List<Key> keys;

    private FieldCipher(List<Key> keys) {
        this.keys = keys;
    }

    /** The keys of {@code encryption.keys}; where there are none, one derived from {@code auth.secret}. */
    public static FieldCipher of(PenstockConfig config) {
        List<Secret> keys = config.encryption().keys();
        return of(keys.isEmpty() ? List.of(config.auth().secret()) : keys);
    }

    /**
     * With these keys, newest first.
     *
     * @throws IllegalArgumentException if there is none, or one is empty
     */
    public static FieldCipher of(List<Secret> secrets) {
        List<Key> keys = new ArrayList<>();
        for (Secret secret : secrets) {
            if (secret.reveal().isBlank()) {
                throw new IllegalArgumentException("encryption.keys has an empty key, and auth.secret is not set;"
                        + " give a secret, for example from: openssl rand -hex 32.");
            }
            keys.add(key(secret));
        }
        if (keys.isEmpty()) {
            throw new IllegalArgumentException("there is no key to encrypt with");
        }
        return new FieldCipher(List.copyOf(keys));
    }

    /** A cipher under a random key of its own, such as the one key that all data of one person are under. */
    public static FieldCipher of(Bytes key) {
        return of(List.of(new Secret(Base64.getEncoder().encodeToString(key.unsafeArray()))));
    }

    /** 256 random bits, for {@link #of(Bytes)}. */
    public static Bytes randomKey() {
        byte[] key = new byte[32];
        random.nextBytes(key);
        return Bytes.of(key);
    }

    /**
     * Encrypts.
     *
     * @param field the column, such as {@code user.email}
     * @param row what tells the row from others and never changes, such as its primary key
     */
    public Bytes encrypt(Bytes plain, String field, String row) {
        Key key = keys.getFirst();
        byte[] nonce = new byte[NONCE];
        random.nextBytes(nonce);
        try {
            Cipher cipher = cipher(Cipher.ENCRYPT_MODE, key, nonce, field, row);
            byte[] sealed = cipher.doFinal(plain.unsafeArray());
            return Bytes.of(ByteBuffer.allocate(HEADER + sealed.length)
                    .put(VERSION)
                    .putInt(key.id())
                    .put(nonce)
                    .put(sealed)
                    .array());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no AES-GCM", e);
        }
    }

    /**
     * Decrypts.
     *
     * @throws Fault {@code INTERNAL}, naming the field, where no key fits or the value is not the one that was written there
     */
    public Bytes decrypt(Bytes sealed, String field, String row) {
        byte[] bytes = sealed.unsafeArray();
        if (bytes.length < HEADER + TAG_BITS / Byte.SIZE || bytes[0] != VERSION) {
            throw unreadable(field, "it is not an encrypted value");
        }
        Key key = key(ByteBuffer.wrap(bytes).getInt(1), field);
        try {
            byte[] nonce = Arrays.copyOfRange(bytes, HEADER - NONCE, HEADER);
            Cipher cipher = cipher(Cipher.DECRYPT_MODE, key, nonce, field, row);
            return Bytes.of(cipher.doFinal(bytes, HEADER, bytes.length - HEADER));
        } catch (AEADBadTagException e) {
            throw unreadable(field, "it was changed, or belongs to another row");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no AES-GCM", e);
        }
    }

    /** {@link #encrypt(Bytes, String, String)} for text columns. */
    public String encryptText(String plain, String field, String row) {
        Bytes sealed = encrypt(Bytes.of(plain.getBytes(StandardCharsets.UTF_8)), field, row);
        return TEXT + Base64.getUrlEncoder().withoutPadding().encodeToString(sealed.unsafeArray());
    }

    /** {@link #decrypt(Bytes, String, String)} for text columns. */
    public String decryptText(String sealed, String field, String row) {
        if (!sealed.startsWith(TEXT)) {
            throw unreadable(field, "it is not an encrypted value");
        }
        try {
            Bytes bytes = Bytes.of(Base64.getUrlDecoder().decode(sealed.substring(TEXT.length())));
            return new String(decrypt(bytes, field, row).unsafeArray(), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw unreadable(field, "it is not an encrypted value");
        }
    }

    /** Whether this was encrypted under another key than the newest, and should be written again. */
    public boolean outdated(Bytes sealed) {
        byte[] bytes = sealed.unsafeArray();
        return bytes.length < HEADER
                || ByteBuffer.wrap(bytes).getInt(1) != keys.getFirst().id();
    }

    /**
     * What an equal value is found by without being readable: an HMAC-SHA256 under the newest key. Only for values that
     * cannot be guessed by whoever has the key.
     */
    public Bytes index(String value, String field) {
        return index(keys.getFirst(), value, field);
    }

    /** The index under each key, newest first: a search must try all until the rows are written anew. */
    public List<Bytes> indexes(String value, String field) {
        return keys.stream().map(key -> index(key, value, field)).toList();
    }

    @Override
    public String toString() {
        return "FieldCipher[" + keys.size() + " keys]";
    }

    private Key key(int id, String field) {
        for (Key key : keys) {
            if (key.id() == id) {
                return key;
            }
        }
        throw unreadable(
                field,
                "it was encrypted under the key " + Integer.toHexString(id)
                        + ", which encryption.keys does not hold; add that key at the end of the list");
    }

    private static Bytes index(Key key, String value, String field) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(key.index());
            mac.update(place(field, value));
            return Bytes.of(mac.doFinal());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no HMAC-SHA256", e);
        }
    }

    private static Cipher cipher(int mode, Key key, byte[] nonce, String field, String row)
            throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key.encryption(), new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(place(field, row));
        return cipher;
    }

    /** Unambiguous: the length of the first part goes ahead. */
    private static byte[] place(String field, String row) {
        return (field.length() + ":" + field + row).getBytes(StandardCharsets.UTF_8);
    }

    private static Key key(Secret secret) {
        byte[] material = secret.reveal().getBytes(StandardCharsets.UTF_8);
        byte[] id = derived(material, "penstock/fields/id", Integer.BYTES);
        return new Key(
                ByteBuffer.wrap(id).getInt(),
                new SecretKeySpec(derived(material, "penstock/fields/encrypt", 32), "AES"),
                new SecretKeySpec(derived(material, "penstock/fields/index", 32), "HmacSHA256"));
    }

    private static byte[] derived(byte[] material, String purpose, int length) {
        try {
            KDF kdf = KDF.getInstance("HKDF-SHA256");
            return kdf.deriveData(HKDFParameterSpec.ofExtract()
                    .addIKM(material)
                    .thenExpand(purpose.getBytes(StandardCharsets.UTF_8), length));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no HKDF-SHA256", e);
        }
    }

    private static Fault unreadable(String field, String why) {
        return Fault.of(FaultCode.INTERNAL, "The stored " + field + " cannot be read: " + why + ".");
    }
}
