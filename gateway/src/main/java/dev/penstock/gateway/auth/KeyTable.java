package dev.penstock.gateway.auth;

import dev.penstock.common.unit.Bytes;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** All live keys at one moment. Immutable; a change makes a new one. */
final class KeyTable {
    static final KeyTable EMPTY = new KeyTable(Map.of(), Map.of(), 0);

    /** A key with the answer that it leads to, made once. */
    record Entry(KeyRecord key, AuthResult.Authenticated result) {
        static Entry of(KeyRecord key) {
            return new Entry(key, new AuthResult.Authenticated(key.principal()));
        }
    }

    private final Map<Bytes, Entry> byHash;
    private final Map<String, Entry> byId;
    private final long version;

    private KeyTable(Map<Bytes, Entry> byHash, Map<String, Entry> byId, long version) {
        this.byHash = byHash;
        this.byId = byId;
        this.version = version;
    }

    @Nullable
    Entry byHash(Bytes hash) {
        return byHash.get(hash);
    }

    @Nullable
    Entry byId(String id) {
        return byId.get(id);
    }

    /** The newest version that is contained. */
    long version() {
        return version;
    }

    int size() {
        return byId.size();
    }

    /** With these rows in it; revoked ones drop out. The table itself where there are none. */
    KeyTable with(Collection<KeyRecord> changes) {
        if (changes.isEmpty()) {
            return this;
        }
        Map<Bytes, Entry> hashes = new HashMap<>(byHash);
        Map<String, Entry> ids = new HashMap<>(byId);
        long newest = version;
        for (KeyRecord change : changes) {
            remove(change.id(), hashes, ids);
            if (change.live()) {
                Entry entry = Entry.of(change);
                hashes.put(change.hash(), entry);
                ids.put(change.id(), entry);
            }
            newest = Math.max(newest, change.version());
        }
        return new KeyTable(hashes, ids, newest);
    }

    /** Without these keys, whose revocation was heard of elsewhere; the version stays, so that their rows are still read. */
    KeyTable without(Collection<String> revoked) {
        if (revoked.stream().noneMatch(byId::containsKey)) {
            return this;
        }
        Map<Bytes, Entry> hashes = new HashMap<>(byHash);
        Map<String, Entry> ids = new HashMap<>(byId);
        revoked.forEach(id -> remove(id, hashes, ids));
        return new KeyTable(hashes, ids, version);
    }

    private static void remove(String id, Map<Bytes, Entry> hashes, Map<String, Entry> ids) {
        Entry old = ids.remove(id);
        if (old != null) {
            hashes.remove(old.key().hash());
        }
    }
}
