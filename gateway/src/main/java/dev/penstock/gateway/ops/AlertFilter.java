package dev.penstock.gateway.ops;

import dev.penstock.common.contract.AlertContract.Alert;
import dev.penstock.common.contract.AlertContract.Severity;
import dev.penstock.common.fault.Fault;
import dev.penstock.gateway.auth.AccessRole;
import dev.penstock.gateway.auth.Principal;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which alerts a stream is about, of those that its caller may see. An empty set means any. */
record AlertFilter(Set<Severity> severities, Set<String> teams, Set<String> services) {
    private static final int MOST = 50;

    AlertFilter {
        severities = Set.copyOf(severities);
        teams = Set.copyOf(teams);
        services = Set.copyOf(services);
    }

    /** From the query, where several values are separated by commas. */
    static AlertFilter ofQuery(@Nullable String severity, @Nullable String team, @Nullable String service) {
        return new AlertFilter(severities(list(severity)), list(team), list(service));
    }

    /** From a client's message. */
    static AlertFilter ofMessage(JsonObject message) {
        return new AlertFilter(
                severities(array(message, "severity")), array(message, "team"), array(message, "service"));
    }

    /**
     * Administrators, and analysts without a team, see all; analysts of a team what belongs to it or to no team; users what
     * belongs to their own.
     */
    static boolean visible(Principal principal, Alert alert) {
        boolean analyst = principal.role().covers(AccessRole.ANALYST);
        boolean all = principal.role().covers(AccessRole.ADMIN) || (analyst && principal.team() == null);
        return all
                || (analyst && alert.team() == null)
                || (alert.team() != null && alert.team().equals(principal.team()));
    }

    boolean matches(Alert alert) {
        return (severities.isEmpty() || severities.contains(alert.severity()))
                && (teams.isEmpty() || (alert.team() != null && teams.contains(alert.team())))
                && (services.isEmpty() || (alert.service() != null && services.contains(alert.service())));
    }

    private static Set<String> list(@Nullable String text) {
        Set<String> values = new LinkedHashSet<>();
        if (text != null) {
            for (String part : text.split(",", MOST + 1)) {
                if (!part.isBlank()) {
                    values.add(part.strip());
                }
            }
        }
        return values;
    }

    private static Set<String> array(JsonObject message, String field) {
        Object value = message.getValue(field);
        if (value == null) {
            return Set.of();
        }
        if (!(value instanceof JsonArray items) || items.size() > MOST) {
            throw Fault.invalid(field, "'" + field + "' must be a list of at most " + MOST + " texts.");
        }
        Set<String> values = new LinkedHashSet<>();
        for (Object item : items) {
            if (!(item instanceof String text)) {
                throw Fault.invalid(field, "'" + field + "' must be a list of texts.");
            }
            values.add(text);
        }
        return values;
    }

    private static Set<Severity> severities(Set<String> texts) {
        Set<Severity> severities = new LinkedHashSet<>();
        for (String text : texts) {
            severities.add(Labels.parse(Severity.class, text)
                    .orElseThrow(() ->
                            Fault.invalid("severity", "'severity' must be among " + Labels.all(Severity.class) + ".")));
        }
        return severities;
    }
}
