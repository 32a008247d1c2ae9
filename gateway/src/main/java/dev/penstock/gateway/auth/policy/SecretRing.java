package dev.penstock.gateway.auth.policy;

import dev.penstock.common.unit.Bytes;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The secret in force and those before it, for one purpose. New values are made with the first; values that any of them
 * made are good, so that a secret can be replaced without everybody signing in anew. Immutable.
 */
public final class SecretRing {
    private static final int ID_BYTES = 6;

    /**
     * A key of the ring.
     *
     * @param id public: says which secret signed, and nothing of the secret
     */
    public record Entry(String id, Bytes secret, Hmac hmac) {
        @Override
        public String toString() {
            return "Entry[" + id + "]";
        }
    }

    private final List<Entry> entries;

    private SecretRing(List<Entry> entries) {
        this.entries = List.copyOf(entries);
    }

    /** A key for each secret, different for each purpose. */
    public static SecretRing derived(List<byte[]> secrets, String purpose) {
        List<Entry> entries = new ArrayList<>();
        for (byte[] secret : secrets) {
            Bytes key = new Hmac(secret).of(purpose);
            Hmac hmac = new Hmac(key.unsafeArray());
            byte[] id = hmac.of("id").unsafeArray();
            entries.add(new Entry(HexFormat.of().formatHex(id, 0, ID_BYTES), key, hmac));
        }
        return new SecretRing(entries);
    }

    /** What new values are made with. */
    public Entry current() {
        return entries.getFirst();
    }

    /** All, the one in force first. */
    public List<Entry> entries() {
        return entries;
    }

    /** The key of that id, or null. */
    public @Nullable Entry byId(String id) {
        for (Entry entry : entries) {
            if (entry.id().equals(id)) {
                return entry;
            }
        }
        return null;
    }

    /** HMAC under the secret in force. */
    public Bytes of(String text) {
        return current().hmac().of(text);
    }
}
