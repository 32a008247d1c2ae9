package dev.penstock.gateway.ops;

import dev.penstock.common.telemetry.Telemetry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Counts and times operations under the names that all HTTP requests have. */
final class OpsTelemetry {
    private record Outcome(Operations operation, String statusClass) {}

    private final Telemetry telemetry;
    private final Map<Outcome, Telemetry.Counter> requests = new ConcurrentHashMap<>();
    private final Map<Operations, Telemetry.Timing> durations = new ConcurrentHashMap<>();

    OpsTelemetry(Telemetry telemetry) {
        this.telemetry = telemetry;
    }

    void record(Operations operation, int status, long nanos) {
        requests.computeIfAbsent(new Outcome(operation, statusClass(status)), this::counter)
                .increment();
        durations.computeIfAbsent(operation, this::timing).record(nanos);
    }

    private Telemetry.Counter counter(Outcome outcome) {
        return telemetry.counter(
                "penstock_http_requests_total",
                "Requests by route, class of status and class of limits.",
                "route",
                outcome.operation().path(),
                "status_class",
                outcome.statusClass(),
                "class",
                group(outcome.operation()));
    }

    private Telemetry.Timing timing(Operations operation) {
        return telemetry.timing(
                "penstock_http_request_duration_seconds",
                "Time to answer requests.",
                "route",
                operation.path(),
                "class",
                group(operation));
    }

    private static String group(Operations operation) {
        if (operation.role() == null) {
            return "public";
        }
        return switch (operation.limit()) {
            case ADMIN, CACHE_INVALIDATE -> "admin";
            default -> "default";
        };
    }

    private static String statusClass(int status) {
        return switch (status) {
            case 429 -> "429";
            case 499 -> "499";
            default -> status / 100 + "xx";
        };
    }
}
