package dev.penstock.gateway.ops;

import dev.penstock.common.contract.Usage;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.unit.Money;
import dev.penstock.gateway.auth.AccessRole;
import dev.penstock.gateway.auth.Principal;
import dev.penstock.gateway.money.CostReports.Attempted;
import dev.penstock.gateway.money.CostReports.Group;
import dev.penstock.gateway.money.CostReports.Line;
import dev.penstock.gateway.money.CostReports.Report;
import dev.penstock.gateway.money.MoneyParts;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What was spent: by group, and of one request. */
final class CostOperations {
    private static final Duration USUAL_SPAN = Duration.ofDays(30);
    private static final String HEAD = "name,records,calls,cost_nanos,cost_usd,unpriced,estimated,"
            + "input_tokens,cached_tokens,cache_write_tokens,output_tokens,reasoning_tokens\n";

    private final MoneyParts money;
    private final Clock clock;

    CostOperations(MoneyParts money, Clock clock) {
        this.money = money;
        this.clock = clock;
    }

    void register(Map<Operations, OperationHandler> handlers) {
        handlers.put(Operations.COST, this::report);
        handlers.put(Operations.COST_REQUEST, this::request);
    }

    private Future<Answer> report(OpsCall call) {
        Instant now = clock.instant();
        Instant to = moment("to", call.query("to"), now);
        Instant from = moment("from", call.query("from"), to.minus(USUAL_SPAN));
        if (!from.isBefore(to)) {
            throw Fault.invalid("from", "'from' must be before 'to'.");
        }
        String asked = call.query("group");
        Group group = asked == null
                ? Group.MODEL
                : Labels.parse(Group.class, asked)
                        .orElseThrow(() ->
                                Fault.invalid("group", "'group' must be one of " + Labels.all(Group.class) + "."));
        String accept = call.request().getHeader("accept");
        boolean csv = accept != null && accept.contains("text/csv");
        return money.flush()
                .otherwiseEmpty()
                .compose(done -> money.reports().report(from, to, group, team(call)))
                .map(report -> csv ? csv(report, group) : json(report, group, from, to));
    }

    private Future<Answer> request(OpsCall call) {
        String id = call.pathParameter("id");
        String key = call.principal().role().covers(AccessRole.ANALYST)
                ? null
                : call.principal().keyId();
        return money.flush()
                .otherwiseEmpty()
                .compose(done -> money.reports().request(id, key, key == null ? team(call) : null))
                .compose(attempts -> attempts.isEmpty()
                        ? Future.failedFuture(Fault.of(
                                FaultCode.NOT_FOUND,
                                "No attempt of such a request is known: it was answered from a cache, came to another"
                                        + " gateway within the last second, or is somebody else's."))
                        : Future.succeededFuture(Answer.json(json(id, attempts))));
    }

    /** An analyst of a team is shown what that team spent; administrators, and analysts without a team, everything. */
    private static @Nullable String team(OpsCall call) {
        Principal principal = call.principal();
        return principal.role().covers(AccessRole.ADMIN) ? null : principal.team();
    }

    private static JsonObject json(String id, List<Attempted> attempts) {
        JsonArray array = new JsonArray();
        long sum = 0;
        int unpriced = 0;
        for (Attempted each : attempts) {
            Long cost = each.costNanos();
            sum += cost == null ? 0 : cost;
            unpriced += cost == null ? 1 : 0;
            array.add(cost(
                            new JsonObject()
                                    .put("at", each.at().toString())
                                    .put("attempt", each.attempt())
                                    .put("model", each.model())
                                    .put("instance", each.instance())
                                    .put("outcome", each.outcome()),
                            cost)
                    .put("estimated", each.usage().estimated())
                    .put("tokens", tokens(each.usage())));
        }
        JsonObject whole = new JsonObject().put("request_id", id);
        return cost(whole, unpriced > 0 ? null : Long.valueOf(sum))
                .put("unpriced", unpriced)
                .put("attempts", array);
    }

    private static Answer json(Report report, Group group, Instant from, Instant to) {
        JsonArray groups = new JsonArray();
        report.lines().forEach(line -> groups.add(json(line, group)));
        return Answer.json(new JsonObject()
                .put("from", from.toString())
                .put("to", to.toString())
                .put("group", Labels.of(group))
                .put("total", json(report.total(), null))
                .put("groups", groups));
    }

    private static JsonObject json(Line line, @Nullable Group group) {
        JsonObject object = new JsonObject();
        if (group != null) {
            object.put("name", name(line, group));
        }
        return cost(object, line.costNanos())
                .put("unpriced", line.unpriced())
                .put("estimated", line.estimated())
                .put("records", line.records())
                .put("calls", line.calls())
                .put("tokens", tokens(line.usage()));
    }

    /** Records without user or team are a group as well; those without tags say so. */
    private static @Nullable String name(Line line, Group group) {
        return line.name() == null && group == Group.TAG ? "untagged" : line.name();
    }

    private static JsonObject cost(JsonObject to, @Nullable Long nanos) {
        return to.put("cost_nanos", nanos).put("cost_usd", nanos == null ? null : Money.decimal(nanos));
    }

    private static JsonObject tokens(Usage usage) {
        return new JsonObject()
                .put("input", usage.inputTokens())
                .put("cached", usage.cachedTokens())
                .put("cache_write", usage.cacheWriteTokens())
                .put("output", usage.outputTokens())
                .put("reasoning", usage.reasoningTokens());
    }

    private static Answer csv(Report report, Group group) {
        StringBuilder text = new StringBuilder(HEAD);
        report.lines().forEach(line -> row(text, field(name(line, group)), line));
        row(text, "total", report.total());
        return new Answer.Whole(200, Buffer.buffer(text.toString()), Map.of("content-type", "text/csv; charset=utf-8"));
    }

    private static void row(StringBuilder text, String name, Line line) {
        Long cost = line.costNanos();
        Usage usage = line.usage();
        text.append(name).append(',').append(line.records()).append(',').append(line.calls());
        text.append(',').append(cost == null ? "" : cost).append(',').append(cost == null ? "" : Money.decimal(cost));
        text.append(',').append(line.unpriced()).append(',').append(line.estimated());
        text.append(',').append(usage.inputTokens()).append(',').append(usage.cachedTokens());
        text.append(',').append(usage.cacheWriteTokens()).append(',').append(usage.outputTokens());
        text.append(',').append(usage.reasoningTokens()).append('\n');
    }

    /** Quoted, and never taken for a formula by a spreadsheet. */
    private static String field(@Nullable String name) {
        if (name == null) {
            return "";
        }
        String harmless = !name.isEmpty() && "=+-@".indexOf(name.charAt(0)) >= 0 ? '\'' + name : name;
        return '"' + harmless.replace("\"", "\"\"") + '"';
    }

    private static Instant moment(String field, @Nullable String text, Instant absent) {
        if (text == null) {
            return absent;
        }
        try {
            return text.length() == 10
                    ? LocalDate.parse(text).atStartOfDay().toInstant(ZoneOffset.UTC)
                    : Instant.parse(text);
        } catch (DateTimeParseException e) {
            throw Fault.invalid(field, "'" + field + "' must be a day such as 2026-01-31 or 2026-01-31T12:00:00Z.");
        }
    }
}
