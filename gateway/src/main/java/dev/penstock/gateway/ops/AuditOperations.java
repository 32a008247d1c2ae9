package dev.penstock.gateway.ops;

import dev.penstock.common.contract.SecurityContract.Kind;
import dev.penstock.common.fault.Fault;
import dev.penstock.gateway.audit.AuditReader;
import dev.penstock.gateway.audit.AuditReader.Row;
import dev.penstock.gateway.audit.AuditReader.Search;
import dev.penstock.gateway.audit.AuditReader.Verdict;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reading the audit trail, and proving that it is whole. */
final class AuditOperations {
    private static final int LIMIT = 100;
    private static final int MOST = 500;

    private final AuditReader reader;

    AuditOperations(AuditReader reader) {
        this.reader = reader;
    }

    void register(Map<Operations, OperationHandler> handlers) {
        handlers.put(Operations.AUDIT_LIST, this::list);
        handlers.put(Operations.AUDIT_VERIFY, this::verify);
    }

    private Future<Answer> list(OpsCall call) {
        String kind = call.query("kind");
        if (kind != null) {
            kind = Labels.parse(Kind.class, kind)
                    .orElseThrow(() -> Fault.invalid("kind", "'kind' must be one of " + Labels.all(Kind.class) + "."))
                    .name();
        }
        int limit = (int) number(call, "limit", LIMIT, 1, MOST);
        long before = number(call, "after", Long.MAX_VALUE, 1, Long.MAX_VALUE);
        var search = new Search(call.query("actor"), kind, moment(call, "from"), moment(call, "to"), before, limit);
        return reader.list(search)
                .map(rows -> Answer.json(new JsonObject()
                        .put("entries", entries(rows))
                        .put("next", rows.size() < limit ? null : rows.getLast().seq())));
    }

    private Future<Answer> verify(OpsCall call) {
        return reader.verify(number(call, "after", 0, 0, Long.MAX_VALUE)).map(verdict -> Answer.json(json(verdict)));
    }

    private static JsonObject json(Verdict verdict) {
        String status = verdict.broken() != null ? "broken" : verdict.complete() ? "intact" : "partial";
        JsonObject json = new JsonObject()
                .put("status", status)
                .put("checked", verdict.checked())
                .put("last", verdict.last())
                .put("head", HexFormat.of().formatHex(verdict.hash().unsafeArray()));
        if (verdict.broken() != null) {
            json.put(
                    "broken",
                    new JsonObject()
                            .put("seq", verdict.broken().seq())
                            .put("reason", verdict.broken().reason()));
        }
        return json;
    }

    static JsonArray entries(List<Row> rows) {
        JsonArray entries = new JsonArray();
        for (Row row : rows) {
            entries.add(new JsonObject()
                    .put("seq", row.seq())
                    .put("at", row.at().toString())
                    .put("id", row.id())
                    .put("kind", Labels.of(Kind.valueOf(row.kind())))
                    .put("allowed", row.allowed())
                    .put("actor", row.actor())
                    .put("address", row.address())
                    .put("target", row.target())
                    .put("detail", row.detail())
                    .put("correlationId", row.correlationId())
                    .put("further", row.further())
                    .put("erased", row.erased()));
        }
        return entries;
    }

    private static long number(OpsCall call, String name, long absent, long least, long most) {
        String text = call.query(name);
        if (text == null) {
            return absent;
        }
        try {
            long value = Long.parseLong(text);
            if (value >= least && value <= most) {
                return value;
            }
        } catch (NumberFormatException e) {
            // Told below, with what is out of range.
        }
        throw Fault.invalid(name, "'" + name + "' must be a whole number from " + least + " to " + most + ".");
    }

    private static @Nullable Instant moment(OpsCall call, String name) {
        String text = call.query(name);
        try {
            return text == null ? null : Instant.parse(text);
        } catch (DateTimeParseException e) {
            throw Fault.invalid(name, "'" + name + "' must be a moment such as 2026-01-31T00:00:00Z.");
        }
    }
}
