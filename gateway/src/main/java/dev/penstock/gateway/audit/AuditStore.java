package dev.penstock.gateway.audit;

import dev.penstock.common.store.Postgres;
import dev.penstock.common.unit.Bytes;
import dev.penstock.gateway.audit.AuditSubjects.Subject;
import dev.penstock.gateway.audit.policy.AuditChain.Link;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The trail in Postgres: appends through the database's own function, reads rows as links of the chain. */
final class AuditStore {
    /** The columns under which a row's two encrypted parts are bound to it. */
    static final String ACTOR_FIELD = "audit_entry.actor_data";

    static final String TARGET_FIELD = "audit_entry.target_data";

    private static final String COLUMNS = "seq, recorded_at, at, id, kind, allowed, further, actor, target,"
            + " correlation_id, actor_data, target_data, hash";
    private static final String APPEND = "SELECT penstock.audit_append($1)";
    private static final String HEAD = "SELECT seq, hash, first_seq, first_previous FROM penstock.audit_head";
    private static final String HASH_OF = "SELECT hash FROM penstock.audit_entry WHERE seq = $1";
    private static final String NEXT = "SELECT " + COLUMNS + " FROM penstock.audit_entry"
            + " WHERE seq >= $1 AND recorded_at >= $2 ORDER BY seq LIMIT $3";
    private static final String LIST = "SELECT " + COLUMNS + " FROM penstock.audit_entry WHERE seq < $1"
            + " AND ($2::text[] IS NULL OR actor = ANY($2)) AND ($3::text IS NULL OR kind = $3)"
            + " AND at >= $4 AND at < $5 AND recorded_at >= $6 ORDER BY seq DESC LIMIT $7";
    private static final String CONCERNING = "SELECT " + COLUMNS + " FROM penstock.audit_entry WHERE seq < $1"
            + " AND (actor = ANY($2) OR target = ANY($2)) ORDER BY seq DESC LIMIT $3";

    /**
     * What is looked for.
     *
     * @param actors pseudonyms; null means all
     * @param before only rows with a lesser number
     */
    record Query(
            long before,
            @Nullable List<String> actors,
            @Nullable String kind,
            Instant from,
            Instant to,
            int limit) {}

    /** Where the chain begins and ends. */
    record Head(long seq, Bytes hash, long firstSeq, Bytes firstPrevious) {}

    private final Postgres postgres;
    private final AuditSubjects subjects;

    AuditStore(Postgres postgres, AuditSubjects subjects) {
        this.postgres = postgres;
        this.subjects = subjects;
    }

    /** Committed when it completes; what is there already is left out. */
    Future<Void> append(List<AuditEntry> entries) {
        Set<String> names = new HashSet<>();
        entries.forEach(entry -> names.addAll(Set.copyOf(List.of(entry.actorSubject(), entry.targetSubject()))));
        return subjects.resolve(names)
                .compose(found -> {
                    JsonArray rows = new JsonArray();
                    entries.forEach(entry -> rows.add(row(entry, found)));
                    return postgres.query(APPEND, Tuple.of(rows));
                })
                .mapEmpty();
    }

    private static JsonObject row(AuditEntry entry, Map<String, Subject> subjects) {
        Audit.Act act = entry.act();
        Subject actor = subject(subjects, entry.actorSubject());
        Subject target = subject(subjects, entry.targetSubject());
        JsonObject who = new JsonObject().put("actor", act.actor()).put("address", act.address());
        JsonObject what = new JsonObject().put("target", act.target()).put("detail", act.detail());
        return new JsonObject()
                .put("id", entry.id())
                .put("at", ChronoUnit.MICROS.between(Instant.EPOCH, entry.at()))
                .put("kind", act.kind().name())
                .put("allowed", act.allowed())
                .put("further", entry.further())
                .put("actor", actor.ref())
                .put("target", target.ref())
                .put("correlation", act.correlationId())
                .put("actorData", sealed(who, actor, ACTOR_FIELD, entry.id()))
                .put("targetData", sealed(what, target, TARGET_FIELD, entry.id()));
    }

    private static Subject subject(Map<String, Subject> subjects, String name) {
        Subject subject = subjects.get(name);
        if (subject == null) {
            throw new IllegalStateException("a subject of the trail was not made");
        }
        return subject;
    }

    private static String sealed(JsonObject data, Subject subject, String field, String row) {
        Bytes plain = Bytes.of(data.toBuffer());
        return Base64.getEncoder()
                .encodeToString(subject.cipher().encrypt(plain, field, row).unsafeArray());
    }

    Future<Head> head() {
        return postgres.query(HEAD, Tuple.tuple()).map(rows -> {
            Row row = rows.iterator().next();
            return new Head(
                    row.getLong("seq"),
                    Bytes.of(row.getBuffer("hash")),
                    row.getLong("first_seq"),
                    Bytes.of(row.getBuffer("first_previous")));
        });
    }

    /** The hash that a row claims; null where there is no such row. */
    Future<@Nullable Bytes> hashOf(long seq) {
        return postgres.query(HASH_OF, Tuple.of(seq))
                .map(rows -> rows.size() == 0
                        ? null
                        : Bytes.of(rows.iterator().next().getBuffer("hash")));
    }

    /** @param recordedFrom spares looking at days that are done */
    Future<List<Link>> next(long from, Instant recordedFrom, int limit) {
        return postgres.query(NEXT, Tuple.of(from, utc(recordedFrom), limit)).map(AuditStore::links);
    }

    /** Newest first. */
    Future<List<Link>> list(Query query) {
        String[] actors = query.actors() == null ? null : query.actors().toArray(String[]::new);
        Tuple values = Tuple.tuple()
                .addLong(query.before())
                .addArrayOfString(actors)
                .addString(query.kind())
                .addOffsetDateTime(utc(query.from()))
                .addOffsetDateTime(utc(query.to()))
                // Recorded after it was done, but for clocks that differ: earlier days need not be looked at.
                .addOffsetDateTime(utc(query.from().minus(1, ChronoUnit.DAYS)))
                .addInteger(query.limit());
        return postgres.query(LIST, values).map(AuditStore::links);
    }

    /** What somebody did or had done to them, newest first. */
    Future<List<Link>> concerning(List<String> refs, long before, int limit) {
        return postgres.query(CONCERNING, Tuple.of(before, refs.toArray(String[]::new), limit))
                .map(AuditStore::links);
    }

    private static OffsetDateTime utc(Instant moment) {
        return OffsetDateTime.ofInstant(moment, ZoneOffset.UTC);
    }

    private static List<Link> links(RowSet<Row> rows) {
        List<Link> links = new ArrayList<>(rows.size());
        for (Row row : rows) {
            links.add(new Link(
                    row.getLong("seq"),
                    row.getOffsetDateTime("recorded_at").toInstant(),
                    row.getOffsetDateTime("at").toInstant(),
                    row.getString("id"),
                    row.getString("kind"),
                    row.getBoolean("allowed"),
                    row.getInteger("further"),
                    row.getString("actor"),
                    row.getString("target"),
                    row.getString("correlation_id"),
                    Bytes.of(row.getBuffer("actor_data")),
                    Bytes.of(row.getBuffer("target_data")),
                    Bytes.of(row.getBuffer("hash"))));
        }
        return links;
    }
}
