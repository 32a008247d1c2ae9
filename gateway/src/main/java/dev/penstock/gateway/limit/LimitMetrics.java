package dev.penstock.gateway.limit;

import dev.penstock.common.telemetry.Telemetry;
import dev.penstock.common.telemetry.Telemetry.Counter;
import dev.penstock.gateway.policy.OperationClass;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/** What is counted about limits. Labels come from fixed sets; recording allocates nothing. */
final class LimitMetrics {
    /** Who decided. */
    enum By {
        /** A lease in this gateway's memory. */
        LEASE,
        /** A refusal that this gateway remembers. */
        MEMORY,
        REDIS,
        /** This gateway's share, since Redis is away. */
        SHARE
    }

    private final Map<OperationClass, Map<By, Counter[]>> decisions = new EnumMap<>(OperationClass.class);
    private final Counter trips;
    private final Counter leased;
    private final Counter returned;
    private final Counter failed;

    LimitMetrics(Telemetry telemetry) {
        for (OperationClass operationClass : OperationClass.values()) {
            Map<By, Counter[]> by = new EnumMap<>(By.class);
            for (By who : By.values()) {
                by.put(who, new Counter[] {
                    decisions(telemetry, operationClass, who, "refused"),
                    decisions(telemetry, operationClass, who, "admitted")
                });
            }
            decisions.put(operationClass, by);
        }
        trips = telemetry.counter("penstock_limit_trips_total", "Calls of Redis about limits.");
        leased = telemetry.counter("penstock_limit_leased_total", "Calls set aside for this gateway.");
        returned = telemetry.counter("penstock_limit_returned_total", "Calls set aside and given back unused.");
        failed = telemetry.counter("penstock_limit_failures_total", "Calls of Redis about limits that failed.");
    }

    private static Counter decisions(Telemetry telemetry, OperationClass operationClass, By by, String outcome) {
        return telemetry.counter(
                "penstock_limit_decisions_total",
                "Decisions about limits, by who made them.",
                "class",
                operationClass.label(),
                "by",
                by.name().toLowerCase(Locale.ROOT),
                "outcome",
                outcome);
    }

    void decided(OperationClass operationClass, By by, boolean admitted) {
        Map<By, Counter[]> counters = decisions.get(operationClass);
        Counter[] outcomes = counters == null ? null : counters.get(by);
        if (outcomes != null) {
            outcomes[admitted ? 1 : 0].increment();
        }
    }

    void trip() {
        trips.increment();
    }

    void leased(long n) {
        leased.add(n);
    }

    void returned(long n) {
        returned.add(n);
    }

    void failed() {
        failed.increment();
    }
}
