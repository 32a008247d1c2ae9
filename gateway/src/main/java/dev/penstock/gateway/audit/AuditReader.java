package dev.penstock.gateway.audit;

import dev.penstock.common.crypto.FieldCipher;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.time.Ticker;
import dev.penstock.common.unit.Bytes;
import dev.penstock.gateway.audit.AuditStore.Head;
import dev.penstock.gateway.audit.AuditStore.Query;
import dev.penstock.gateway.audit.AuditSubjects.Subject;
import dev.penstock.gateway.audit.policy.AuditChain;
import dev.penstock.gateway.audit.policy.AuditChain.Break;
import dev.penstock.gateway.audit.policy.AuditChain.Link;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the trail back: as entries for people, or as a chain to be checked. Safe for many threads. */
public final class AuditReader {
    private static final int PAGE = 1_000;
    /** Less than an operation may take; what is left is checked by the next call. */
    private static final Duration CHECK_LIMIT = Duration.ofSeconds(6);

    private static final Instant EVER = Instant.parse("9999-01-01T00:00:00Z");

    /**
     * A row as people read it. Of somebody who was erased only the pseudonym is left.
     *
     * @param actor the id, or the pseudonym of somebody who was erased
     * @param address null where it cannot be read any more
     * @param further how many refusals like it were counted and not written
     */
    public record Row(
            long seq,
            Instant at,
            String id,
            String kind,
            boolean allowed,
            String actor,
            @Nullable String address,
            String target,
            @Nullable String detail,
            String correlationId,
            int further,
            boolean erased) {}

    /** What is looked for; null or empty means anything. */
    public record Search(
            @Nullable String actor,
            @Nullable String kind,
            @Nullable Instant from,
            @Nullable Instant to,
            long before,
            int limit) {}

    /**
     * What a check found.
     *
     * @param broken the first row that is not as it was written; null where there is none
     * @param last the last row that was checked; the next call goes on after it
     * @param complete whether that was the end of the chain
     */
    public record Verdict(@Nullable Break broken, long checked, long last, boolean complete, Bytes hash) {}

    private final AuditStore store;
    private final AuditSubjects subjects;
    private final Ticker ticker;

    AuditReader(AuditStore store, AuditSubjects subjects, Ticker ticker) {
        this.store = store;
        this.subjects = subjects;
        this.ticker = ticker;
    }

    /** Newest first. */
    public Future<List<Row>> list(Search search) {
        Instant from = search.from() == null ? Instant.EPOCH : search.from();
        Instant to = search.to() == null ? EVER : search.to();
        if (search.actor() == null) {
            return rows(store.list(new Query(search.before(), null, search.kind(), from, to, search.limit())));
        }
        // A pseudonym may be searched as well: it is all that is left of somebody.
        return subjects.find(List.of(search.actor())).compose(found -> {
            List<String> refs = new ArrayList<>(refs(found.values()));
            refs.add(search.actor());
            return rows(store.list(new Query(search.before(), refs, search.kind(), from, to, search.limit())));
        });
    }

    /** What these subjects did or had done to them, newest first; nothing once they are forgotten. */
    public Future<List<Row>> concerning(Collection<String> names, int limit) {
        return subjects.find(names)
                .compose(found -> found.isEmpty()
                        ? Future.succeededFuture(List.of())
                        : rows(store.concerning(refs(found.values()), Long.MAX_VALUE, limit)));
    }

    /** Makes these subjects' rows nobody's and unreadable, for good; the pseudonyms that they had. */
    public Future<List<String>> forget(Collection<String> names) {
        return subjects.forget(names);
    }

    /**
     * Checks the chain, for a few seconds at most.
     *
     * @param after the last row of an earlier check, 0 to begin at the beginning
     */
    public Future<Verdict> verify(long after) {
        return store.head()
                .compose(head -> begin(head, after).compose(chain -> {
                    long deadline = ticker.nanos() + CHECK_LIMIT.toNanos();
                    return walk(chain, head, Instant.EPOCH, deadline);
                }));
    }

    private Future<AuditChain> begin(Head head, long after) {
        if (after < head.firstSeq()) {
            return Future.succeededFuture(new AuditChain(head.firstSeq(), head.firstPrevious()));
        }
        return store.hashOf(after).map(hash -> {
            if (hash == null) {
                throw Fault.of(FaultCode.NOT_FOUND, "The trail has no row " + after + ".");
            }
            return new AuditChain(after + 1, hash);
        });
    }

    private Future<Verdict> walk(AuditChain chain, Head head, Instant recordedFrom, long deadline) {
        return store.next(chain.next(), recordedFrom, PAGE).compose(links -> {
            for (Link link : links) {
                if (link.seq() > head.seq()) {
                    break;
                }
                Break broken = chain.follow(link);
                if (broken != null) {
                    return Future.succeededFuture(verdict(chain, head, broken));
                }
            }
            if (links.size() < PAGE || chain.next() > head.seq()) {
                return Future.succeededFuture(verdict(chain, head, chain.end(head.seq(), head.hash())));
            }
            if (ticker.nanos() >= deadline) {
                return Future.succeededFuture(new Verdict(null, chain.checked(), chain.next() - 1, false, head.hash()));
            }
            return walk(chain, head, links.getLast().recordedAt(), deadline);
        });
    }

    private static Verdict verdict(AuditChain chain, Head head, @Nullable Break broken) {
        return new Verdict(broken, chain.checked(), chain.next() - 1, true, head.hash());
    }

    private Future<List<Row>> rows(Future<List<Link>> found) {
        return found.compose(links -> {
            Set<String> refs = new HashSet<>();
            links.forEach(link -> {
                refs.add(link.actor());
                refs.add(link.target());
            });
            return subjects.ciphers(refs)
                    .map(ciphers ->
                            links.stream().map(link -> row(link, ciphers)).toList());
        });
    }

    private static Row row(Link link, Map<String, FieldCipher> ciphers) {
        JsonObject who = opened(ciphers.get(link.actor()), link.actorData(), AuditStore.ACTOR_FIELD, link.id());
        JsonObject what = opened(ciphers.get(link.target()), link.targetData(), AuditStore.TARGET_FIELD, link.id());
        return new Row(
                link.seq(),
                link.at(),
                link.id(),
                link.kind(),
                link.allowed(),
                who == null ? link.actor() : who.getString("actor"),
                who == null ? null : who.getString("address"),
                what == null ? link.target() : what.getString("target"),
                what == null ? null : what.getString("detail"),
                link.correlationId(),
                link.further(),
                who == null || what == null);
    }

    /** Null where the key was dropped, or is not the one: a tampered row must not make the list fail. */
    private static @Nullable JsonObject opened(@Nullable FieldCipher cipher, Bytes data, String field, String row) {
        if (cipher == null) {
            return null;
        }
        try {
            return new JsonObject(Buffer.buffer(cipher.decrypt(data, field, row).unsafeArray()));
        } catch (Fault unreadable) {
            return null;
        }
    }

    private static List<String> refs(Collection<Subject> subjects) {
        return subjects.stream().map(Subject::ref).toList();
    }
}
