package dev.penstock.gateway.stage;

import dev.penstock.common.contract.CacheContract.CacheType;
import dev.penstock.common.contract.CacheContract.Tier;
import dev.penstock.common.telemetry.Telemetry;
import dev.penstock.common.telemetry.Telemetry.Counter;
import dev.penstock.common.telemetry.Telemetry.Timing;
import dev.penstock.gateway.exchange.Exchange;
import dev.penstock.gateway.exchange.Route;
import dev.penstock.gateway.exchange.Slot;
import dev.penstock.gateway.policy.OperationClass;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** What is counted per request. The handles are made once; recording allocates nothing. Safe for many event loops. */
public final class RequestMetrics {
    private static final String[] STATUS_CLASSES = {"2xx", "3xx", "4xx", "429", "5xx", "499"};
    private static final String LOOKUPS = "penstock_cache_lookups_total";

    private final Telemetry telemetry;
    private final Map<Route, Counter[]> requests = new EnumMap<>(Route.class);
    private final Map<Route, Timing> durations = new EnumMap<>(Route.class);
    private final Map<CacheType, Map<Tier, Counter>> hits = new EnumMap<>(CacheType.class);
    private final Map<CacheType, Counter> misses = new EnumMap<>(CacheType.class);
    /** Bounded by the operations and the three windows. */
    private final Map<String, Counter> limited = new ConcurrentHashMap<>();

    private final LongAdder inFlight = new LongAdder();

    public RequestMetrics(Telemetry telemetry) {
        this.telemetry = telemetry;
        for (Route route : Route.values()) {
            requests.put(route, requestCounters(route));
            durations.put(
                    route,
                    telemetry.timing(
                            "penstock_http_request_duration_seconds",
                            "Time to the answer, of streams to its first byte.",
                            "route",
                            route.pattern(),
                            "class",
                            route.operationClass().label()));
        }
        cacheCounters(CacheType.EMBEDDING);
        cacheCounters(CacheType.COMPLETION);
        cacheCounters(CacheType.ANALYSIS);
        telemetry.gauge("penstock_http_requests_in_flight", "Requests that are being answered.", () -> inFlight.sum());
    }

    /** Requests that have begun and are not settled. */
    public long inFlight() {
        return inFlight.sum();
    }

    void begun() {
        inFlight.increment();
    }

    void settled(Exchange exchange, int status, long nanos) {
        inFlight.decrement();
        Counter[] counters = requests.get(exchange.route());
        Timing duration = durations.get(exchange.route());
        if (counters != null && duration != null) {
            counters[index(status)].increment();
            duration.record(nanos);
        }
        if (exchange.fault() == null) {
            exchange.slots().forEach(this::looked);
        }
    }

    void limited(OperationClass operationClass, String window) {
        limited.computeIfAbsent(
                        operationClass.label() + '/' + window,
                        key -> telemetry.counter(
                                "penstock_rate_limited_total",
                                "Requests refused by a limit.",
                                "class",
                                operationClass.label(),
                                "window",
                                window))
                .increment();
    }

    private void looked(Slot slot) {
        CacheType type = slot.key().type();
        @Nullable Tier tier = slot.tier();
        Map<Tier, Counter> byTier = hits.get(type);
        Counter counter = tier == null || byTier == null ? misses.get(type) : byTier.get(tier);
        if (counter != null) {
            counter.increment();
        }
    }

    private Counter[] requestCounters(Route route) {
        Counter[] counters = new Counter[STATUS_CLASSES.length];
        for (int i = 0; i < counters.length; i++) {
            counters[i] = telemetry.counter(
                    "penstock_http_requests_total",
                    "Requests answered.",
                    "route",
                    route.pattern(),
                    "status_class",
                    STATUS_CLASSES[i],
                    "class",
                    route.operationClass().label());
        }
        return counters;
    }

    private void cacheCounters(CacheType type) {
        String label = type.name().toLowerCase(Locale.ROOT);
        String help = "Lookups by the tier that answered.";
        Map<Tier, Counter> byTier = new EnumMap<>(Tier.class);
        for (Tier tier : Tier.values()) {
            byTier.put(
                    tier,
                    telemetry.counter(
                            LOOKUPS, help, "tier", AnswerHeaders.label(tier), "result", "hit", "type", label));
        }
        hits.put(type, byTier);
        misses.put(type, telemetry.counter(LOOKUPS, help, "tier", "none", "result", "miss", "type", label));
    }

    private static int index(int status) {
        return switch (status) {
            case 429 -> 3;
            case 499 -> 5;
            default ->
                switch (status / 100) {
                    case 3 -> 1;
                    case 4 -> 2;
                    case 5 -> 4;
                    default -> 0;
                };
        };
    }
}
