package dev.penstock.gateway.audit;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.penstock.common.crypto.FieldCipher;
import dev.penstock.common.store.Postgres;
import dev.penstock.common.unit.Bytes;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * Who stands behind the pseudonyms of the trail: each subject has a random reference and a key of its own, itself
 * encrypted under {@code encryption.keys}. Forgetting the key makes the subject's rows unreadable and nobody's, while the
 * chain stays whole. Safe for many threads.
 */
final class AuditSubjects {
    private static final int MOST = 10_000;
    /** As long as another gateway may still write under a reference that was forgotten here. */
    private static final Duration REMEMBERED = Duration.ofMinutes(1);

    private static final String FIELD = "audit_subject.key";
    private static final String FIND = "SELECT ref, lookup, key FROM penstock.audit_subject WHERE lookup = ANY($1)";
    private static final String BY_REF = "SELECT ref, lookup, key FROM penstock.audit_subject WHERE ref = ANY($1)";
    private static final String ADD = "INSERT INTO penstock.audit_subject (ref, lookup, key) VALUES ($1, $2, $3)"
            + " ON CONFLICT (lookup) DO NOTHING";
    private static final String FORGET = "DELETE FROM penstock.audit_subject WHERE lookup = ANY($1) RETURNING ref";

    /** @param ref what rows name the subject by */
    record Subject(String ref, FieldCipher cipher) {}

    private final Postgres postgres;
    private final FieldCipher cipher;
    private final Cache<String, Subject> known =
            Caffeine.newBuilder().maximumSize(MOST).expireAfterWrite(REMEMBERED).build();

    AuditSubjects(Postgres postgres, FieldCipher cipher) {
        this.postgres = postgres;
        this.cipher = cipher;
    }

    /** All of them, made where they were not known. */
    Future<Map<String, Subject>> resolve(Set<String> names) {
        Map<String, Subject> found = new HashMap<>(known.getAllPresent(names));
        Set<String> missing = new HashSet<>(names);
        missing.removeAll(found.keySet());
        if (missing.isEmpty()) {
            return Future.succeededFuture(found);
        }
        return find(missing).compose(stored -> {
            found.putAll(stored);
            missing.removeAll(stored.keySet());
            return missing.isEmpty() ? Future.succeededFuture(found) : made(missing, found);
        });
    }

    private Future<Map<String, Subject>> made(Set<String> missing, Map<String, Subject> found) {
        List<Tuple> rows = new ArrayList<>();
        for (String name : missing) {
            String ref = "sub_" + UUID.randomUUID();
            Bytes key = cipher.encrypt(FieldCipher.randomKey(), FIELD, ref);
            rows.add(Tuple.of(ref, buffer(cipher.index(name, "audit_subject")), buffer(key)));
        }
        // Read back: another gateway may have been first.
        return postgres.batch(ADD, rows).compose(added -> find(missing)).map(stored -> {
            found.putAll(stored);
            return found;
        });
    }

    /** Those that exist. */
    Future<Map<String, Subject>> find(Collection<String> names) {
        Map<Bytes, String> lookups = lookups(names);
        return postgres.query(FIND, Tuple.of(buffers(lookups.keySet()))).map(rows -> {
            Map<String, Subject> found = new HashMap<>();
            for (Row row : rows) {
                String name = lookups.get(Bytes.of(row.getBuffer("lookup")));
                if (name != null) {
                    found.put(name, subject(row));
                }
            }
            known.putAll(found);
            return found;
        });
    }

    /** The keys behind these references, as far as they are still there. */
    Future<Map<String, FieldCipher>> ciphers(Set<String> refs) {
        return postgres.query(BY_REF, Tuple.of(refs.toArray(String[]::new))).map(rows -> {
            Map<String, FieldCipher> ciphers = new HashMap<>();
            for (Row row : rows) {
                Subject subject = subject(row);
                ciphers.put(subject.ref(), subject.cipher());
            }
            return ciphers;
        });
    }

    /** Ends what connects these subjects with their rows; the references that they had. */
    Future<List<String>> forget(Collection<String> names) {
        known.invalidateAll(names);
        return postgres.query(FORGET, Tuple.of(buffers(lookups(names).keySet())))
                .map(rows -> {
                    known.invalidateAll(names);
                    List<String> refs = new ArrayList<>();
                    rows.forEach(row -> refs.add(row.getString("ref")));
                    return refs;
                });
    }

    private Map<Bytes, String> lookups(Collection<String> names) {
        Map<Bytes, String> lookups = new HashMap<>();
        for (String name : names) {
            cipher.indexes(name, "audit_subject").forEach(index -> lookups.put(index, name));
        }
        return lookups;
    }

    private Subject subject(Row row) {
        String ref = row.getString("ref");
        Bytes key = cipher.decrypt(Bytes.of(row.getBuffer("key")), FIELD, ref);
        return new Subject(ref, FieldCipher.of(key));
    }

    private static Buffer buffer(Bytes bytes) {
        return Buffer.buffer(bytes.unsafeArray());
    }

    private static Buffer[] buffers(Collection<Bytes> all) {
        return all.stream().map(AuditSubjects::buffer).toArray(Buffer[]::new);
    }
}
