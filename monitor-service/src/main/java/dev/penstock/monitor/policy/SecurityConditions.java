package dev.penstock.monitor.policy;

import dev.penstock.common.contract.AlertContract.Condition;
import dev.penstock.common.contract.AlertContract.Severity;
import dev.penstock.common.contract.SecurityContract.Kind;
import dev.penstock.common.contract.SecurityContract.SecurityEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Security events as conditions that people are told of: one for each kind that calls for a look, held for
 * {@link #LASTING} after the last event. By rules alone: nothing here learns. Pure; confined to one thread.
 */
public final class SecurityConditions {
    /** A condition ends this long after its last event. */
    public static final Duration LASTING = Duration.ofMinutes(5);

    private static final int MOST_DETAIL = 200;

    private record Rule(String name, Severity severity, String summary, String remediation) {}

    private static final Map<Kind, Rule> RULES = new EnumMap<>(Map.of(
            Kind.ADDRESS_BLOCKED,
            new Rule(
                    "AddressBlocked",
                    Severity.WARNING,
                    "Addresses were blocked",
                    "See who and why: GET /api/admin/blocks. Lift a wrong one: DELETE /api/admin/blocks?address=…"
                            + " Keep a network from being blocked: protection.exempt."),
            Kind.SCAN_DETECTED,
            new Rule(
                    "ScanDetected",
                    Severity.WARNING,
                    "Somebody looks for holes",
                    "The address is blocked already: GET /api/admin/blocks. See in the access log what it found."),
            Kind.TOKEN_REUSED,
            new Rule(
                    "TokenReused",
                    Severity.CRITICAL,
                    "A token that had been used before was used again: somebody holds a copy",
                    "End the sessions of that user, change the password, and find out how the token got away."),
            Kind.REQUEST_SUSPICIOUS,
            new Rule(
                    "RequestsSuspicious",
                    Severity.WARNING,
                    "Requests look like attacks",
                    "Search the log for REQUEST_SUSPICIOUS. If they are honest, make an exception for their path under"
                            + " protection.rules.exceptions."),
            Kind.CONTENT_REFUSED,
            new Rule(
                    "ContentRefused",
                    Severity.WARNING,
                    "Uploads were refused for their content",
                    "Search the log for CONTENT_REFUSED and ask the sender.")));

    private record Seen(long count, SecurityEvent last) {}

    private final Map<Kind, Seen> seen = new EnumMap<>(Kind.class);

    /** An event was heard; those that call for no look are left out. */
    public void add(SecurityEvent event) {
        if (RULES.containsKey(event.kind())) {
            seen.merge(event.kind(), new Seen(1, event), (before, now) -> new Seen(before.count() + 1, event));
        }
    }

    /** Whether {@link #add} would change which conditions hold: then nobody should wait for the next round. */
    public boolean news(SecurityEvent event) {
        return RULES.containsKey(event.kind()) && !seen.containsKey(event.kind());
    }

    /** What to tell: conditions that hold, and once those that have just ended. */
    public List<Condition> at(Instant now) {
        List<Condition> conditions = new ArrayList<>();
        for (Kind kind : List.copyOf(seen.keySet())) {
            Seen what = seen.get(kind);
            Rule rule = RULES.get(kind);
            if (what == null || rule == null) {
                continue;
            }
            boolean active = Duration.between(what.last().at(), now).compareTo(LASTING) < 0;
            conditions.add(condition(rule, what, active, now));
            if (!active) {
                seen.remove(kind);
            }
        }
        return conditions;
    }

    private static Condition condition(Rule rule, Seen what, boolean active, Instant now) {
        SecurityEvent last = what.last();
        return new Condition(
                rule.name(),
                Map.of("service", "gateway", "severity", rule.severity().name().toLowerCase(java.util.Locale.ROOT)),
                rule.severity(),
                active,
                (double) what.count(),
                (Double) null,
                Duration.ZERO,
                rule.summary(),
                what.count() + " since it began; the last from " + last.address() + " by " + last.subject() + " ("
                        + last.correlationId() + "): " + cut(last.detail()),
                rule.remediation(),
                now);
    }

    private static String cut(@Nullable String detail) {
        String text = detail == null ? "" : detail;
        return text.length() <= MOST_DETAIL ? text : text.substring(0, MOST_DETAIL);
    }
}
