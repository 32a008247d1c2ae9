package dev.penstock.alert.policy;

import dev.penstock.common.contract.AlertContract.Condition;
import dev.penstock.common.contract.AlertContract.Severity;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/** Conditions as a monitor would send them. */
public final class Conditions {
    public static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private Conditions() {}

    public static Condition of(String name, boolean active, Duration holdFor) {
        return new Condition(
                name,
                Map.of("service", "gateway"),
                Severity.CRITICAL,
                active,
                2.0,
                1.0,
                holdFor,
                "errors are high",
                "too many requests fail",
                "look at the upstream",
                START);
    }
}
