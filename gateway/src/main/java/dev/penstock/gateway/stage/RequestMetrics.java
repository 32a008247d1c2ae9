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
import dev.penstock.gateway.route.policy.PlainRoute;
import java.util.EnumMap;
import java.util.List;
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
    private final Map<Route, Series> series = new EnumMap<>(Route.class);
    /** By the names of plain routes. */
    private final Map<String, Series> plain = new ConcurrentHashMap<>();

    private final Map<CacheType, Map<Tier, Counter>> hits = new EnumMap<>(CacheType.class);
    private final Map<CacheType, Counter> misses = new EnumMap<>(CacheType.class);
    /** Bounded by the operations and the three windows. */
    private final Map<String, Counter> limited = new ConcurrentHashMap<>();

    private final LongAdder inFlight = new LongAdder();

    private record Series(List<Counter> requests, Timing duration) {}

    /** @param routes the plain routes, each counted under its name */
    public RequestMetrics(Telemetry telemetry, List<PlainRoute> routes) {
        this.telemetry = telemetry;
        follow(routes);
        for (Route route : Route.values()) {
            if (route != Route.UPSTREAM) {
                series.put(route, series(route.pattern(), route.operationClass()));
            }
        }
        cacheCounters(CacheType.EMBEDDING);
        cacheCounters(CacheType.COMPLETION);
        cacheCounters(CacheType.ANALYSIS);
        telemetry.gauge("penstock_http_requests_in_flight", "Requests that are being answered.", () -> inFlight.sum());
    }

    /** Counts these plain routes too. One that is gone is still counted: requests that began under it end later. */
    public final void follow(List<PlainRoute> routes) {
        for (PlainRoute route : routes) {
            plain.put(route.name(), series(route.name(), route.limitClass()));
        }
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
        Series counted = exchange.upstream() == null ? series.get(exchange.route()) : plain.get(exchange.label());
        if (counted != null) {
            counted.requests().get(index(status)).increment();
            counted.duration().record(nanos);
        }
        if (exchange.fault() == null) {
            exchange.slots().forEach(this::looked);
        }
    }

    /** A request was refused by a limit. */
    public void limited(OperationClass operationClass, String window) {
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

    private Series series(String label, OperationClass limitClass) {
        return new Series(
                List.of(requestCounters(label, limitClass)),
                telemetry.timing(
                        "penstock_http_request_duration_seconds",
                        "Time to the answer, of streams to its first byte.",
                        "route",
                        label,
                        "class",
                        limitClass.label()));
    }

    private Counter[] requestCounters(String label, OperationClass limitClass) {
        Counter[] counters = new Counter[STATUS_CLASSES.length];
        for (int i = 0; i < counters.length; i++) {
            counters[i] = telemetry.counter(
                    "penstock_http_requests_total",
                    "Requests answered.",
                    "route",
                    label,
                    "status_class",
                    STATUS_CLASSES[i],
                    "class",
                    limitClass.label());
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
