package dev.penstock.gateway.auth;

import dev.penstock.common.unit.Bytes;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** All keys that were not revoked, at one moment. Immutable; a change makes a new one. */
final class KeyTable implements Snapshot<KeyRecord, KeyTable> {
    static final KeyTable EMPTY = new KeyTable(Map.of(), Map.of(), 0);

    /**
     * A key, or the one that a rotated key was before, with the answer that it leads to, made once.
     *
     * @param hash of what the caller must show
     * @param untilMillis when it stops working; {@code Long.MAX_VALUE} for never
     */
    record Entry(KeyRecord key, Bytes hash, AuthResult.Authenticated result, long untilMillis) {
        static Entry of(KeyRecord key) {
            return new Entry(key, key.hash(), new AuthResult.Authenticated(key.principal()), key.untilMillis());
        }

        static Entry previous(Entry entry, KeyRecord.Previous previous) {
            long until = Math.min(entry.untilMillis(), previous.until().toEpochMilli());
            return new Entry(entry.key(), previous.hash(), entry.result(), until);
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

    @Override
    public long version() {
        return version;
    }

    @Override
    public int size() {
        return byId.size();
    }

    @Override
    public boolean includes(KeyRecord row) {
        return row.version() <= version;
    }

    /** Revoked ones drop out. */
    @Override
    public KeyTable with(Collection<KeyRecord> rows) {
        if (rows.isEmpty()) {
            return this;
        }
        long newest = version;
        for (KeyRecord row : rows) {
            newest = Math.max(newest, row.version());
        }
        return changed(rows, newest);
    }

    @Override
    public KeyTable ahead(KeyRecord row) {
        return changed(List.of(row), version);
    }

    @Override
    public KeyTable heard(Collection<String> ended) {
        if (ended.stream().noneMatch(byId::containsKey)) {
            return this;
        }
        Map<Bytes, Entry> hashes = new HashMap<>(byHash);
        Map<String, Entry> ids = new HashMap<>(byId);
        ended.forEach(id -> remove(id, hashes, ids));
        return new KeyTable(hashes, ids, version);
    }

    private KeyTable changed(Collection<KeyRecord> rows, long newVersion) {
        Map<Bytes, Entry> hashes = new HashMap<>(byHash);
        Map<String, Entry> ids = new HashMap<>(byId);
        for (KeyRecord row : rows) {
            remove(row.id(), hashes, ids);
            // One that was anonymised comes back under another id.
            Entry same = hashes.get(row.hash());
            if (same != null) {
                remove(same.key().id(), hashes, ids);
            }
            if (row.live()) {
                Entry entry = Entry.of(row);
                hashes.put(row.hash(), entry);
                ids.put(row.id(), entry);
                KeyRecord.Previous previous = row.previous();
                if (previous != null) {
                    hashes.put(previous.hash(), Entry.previous(entry, previous));
                }
            }
        }
        return new KeyTable(hashes, ids, newVersion);
    }

    private static void remove(String id, Map<Bytes, Entry> hashes, Map<String, Entry> ids) {
        Entry old = ids.remove(id);
        if (old != null) {
            hashes.remove(old.key().hash());
            KeyRecord.Previous previous = old.key().previous();
            if (previous != null) {
                hashes.remove(previous.hash());
            }
        }
    }
}
