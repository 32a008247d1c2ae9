package dev.penstock.gateway.audit.policy;

import dev.penstock.common.unit.Bytes;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Checks a stretch of the audit trail, row by row, by computing each hash again: SHA-256 over the hash before and the
 * row's canonical form, as {@code penstock.audit_hash} in the database does. One walk by one thread at a time.
 */
public final class AuditChain {
    /** A row as stored; {@code hash} is what it claims. */
    public record Link(
            long seq,
            Instant recordedAt,
            Instant at,
            String id,
            String kind,
            boolean allowed,
            int further,
            String actor,
            String target,
            String correlationId,
            Bytes actorData,
            Bytes targetData,
            Bytes hash) {}

    /** The first row that is not as it was written. */
    public record Break(long seq, String reason) {}

    private long next;
    private Bytes previous;
    private long checked;

    /**
     * Begins before a row.
     *
     * @param next the number of the first row to come
     * @param previous the hash before it; empty before the very first
     */
    public AuditChain(long next, Bytes previous) {
        this.next = next;
        this.previous = previous;
    }

    /** Takes the next row; null where it is the one that was written. */
    public @Nullable Break follow(Link link) {
        if (link.seq() != next) {
            return new Break(next, "The row is missing: after " + (next - 1) + " comes " + link.seq() + ".");
        }
        if (!hash(previous, link).equals(link.hash())) {
            return new Break(next, "The row is not as it was written: its hash does not fit.");
        }
        previous = link.hash();
        next++;
        checked++;
        return null;
    }

    /**
     * After the last row: whether the chain ends where its head says.
     *
     * @param seq the number of the last row that was ever written
     * @param hash its hash
     */
    public @Nullable Break end(long seq, Bytes hash) {
        if (next <= seq) {
            return new Break(next, "The row is missing: rows were written up to " + seq + ".");
        }
        return previous.equals(hash) ? null : new Break(seq, "The last row is not the one that the head names.");
    }

    /** How many rows were found as written. */
    public long checked() {
        return checked;
    }

    /** The number of the row to come. */
    public long next() {
        return next;
    }

    static Bytes hash(Bytes previous, Link link) {
        HexFormat hex = HexFormat.of();
        StringBuilder form = new StringBuilder();
        for (String part : List.of(
                Long.toString(link.seq()),
                Long.toString(micros(link.recordedAt())),
                Long.toString(micros(link.at())),
                link.id(),
                link.kind(),
                Boolean.toString(link.allowed()),
                Integer.toString(link.further()),
                link.actor(),
                link.target(),
                link.correlationId(),
                hex.formatHex(link.actorData().unsafeArray()),
                hex.formatHex(link.targetData().unsafeArray()))) {
            form.append(part.getBytes(StandardCharsets.UTF_8).length)
                    .append(':')
                    .append(part)
                    .append(',');
        }
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(previous.unsafeArray());
            return Bytes.of(digest.digest(form.toString().getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no SHA-256", e);
        }
    }

    private static long micros(Instant moment) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, moment);
    }
}
