package dev.penstock.gateway.audit;

import dev.penstock.common.contract.SecurityContract.Kind;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.UUID;

/**
 * An act on its way to the trail.
 *
 * @param id carries its day; by it an act that is sent twice is known
 * @param at when it was done, to the microsecond
 * @param further how many like it were counted and not written by themselves
 */
record AuditEntry(String id, Instant at, Audit.Act act, int further) {
    private static final DateTimeFormatter DAY =
            DateTimeFormatter.ofPattern("uuuuMMdd").withZone(ZoneOffset.UTC);
    /** What is longer is nobody's name. */
    private static final int MOST = 512;

    static AuditEntry of(Audit.Act act, Instant now, int further) {
        Instant at = now.truncatedTo(ChronoUnit.MICROS);
        var clean = new Audit.Act(
                act.kind(),
                clean(act.actor()),
                clean(act.address()),
                clean(act.correlationId()),
                clean(act.target()),
                act.allowed(),
                clean(act.detail()));
        return new AuditEntry(DAY.format(at) + "-" + UUID.randomUUID(), at, clean, further);
    }

    /** Whom the act is told of: everybody unknown of a day is one. */
    String actorSubject() {
        return act.actor().isEmpty() || act.actor().equals("anonymous") ? "anonymous/" + DAY.format(at) : act.actor();
    }

    /** What a refused caller names may be anything: only what was really changed is somebody. */
    String targetSubject() {
        return act.target().isEmpty() || !act.allowed() ? actorSubject() : act.target();
    }

    JsonObject json() {
        return new JsonObject()
                .put("id", id)
                .put("at", ChronoUnit.MICROS.between(Instant.EPOCH, at))
                .put("kind", act.kind().name())
                .put("actor", act.actor())
                .put("address", act.address())
                .put("correlation", act.correlationId())
                .put("target", act.target())
                .put("allowed", act.allowed())
                .put("detail", act.detail())
                .put("further", further);
    }

    static AuditEntry of(JsonObject json) {
        return new AuditEntry(
                json.getString("id"),
                Instant.EPOCH.plus(json.getLong("at"), ChronoUnit.MICROS),
                new Audit.Act(
                        Kind.valueOf(json.getString("kind")),
                        json.getString("actor"),
                        json.getString("address"),
                        json.getString("correlation"),
                        json.getString("target"),
                        json.getBoolean("allowed"),
                        json.getString("detail")),
                json.getInteger("further"));
    }

    /** Postgres takes no NUL, and people no control characters. */
    private static String clean(String text) {
        String visible = text.replaceAll("\\p{Cntrl}", " ");
        return visible.length() <= MOST ? visible : visible.substring(0, MOST);
    }
}
