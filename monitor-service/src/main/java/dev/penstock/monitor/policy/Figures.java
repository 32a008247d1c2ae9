package dev.penstock.monitor.policy;

import com.datadoghq.sketch.ddsketch.DDSketch;
import com.datadoghq.sketch.ddsketch.store.Bin;
import dev.penstock.common.contract.MonitorContract.BatchFigures;
import dev.penstock.common.contract.MonitorContract.CacheFigures;
import dev.penstock.common.contract.MonitorContract.Point;
import dev.penstock.common.contract.MonitorContract.Traffic;
import dev.penstock.common.telemetry.Sketches;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Figures over some slots. Percentiles come from merged sketches; what was not measured is null, never zero. */
public final class Figures {
    static final String REQUESTS = "penstock_http_requests_total";
    static final String DURATION = "penstock_http_request_duration_seconds";
    private static final String IN_FLIGHT = "penstock_http_requests_in_flight";
    private static final String LOOKUPS = "penstock_cache_lookups_total";
    private static final String BATCH_CALLS = "penstock_batch_calls_total";
    private static final String BATCH_ITEMS = "penstock_batch_items_total";
    private static final String BATCH_SIZE = "penstock_batch_size";
    private static final String BATCH_WAIT = "penstock_batch_queue_wait_seconds";
    private static final String BATCH_QUEUED = "penstock_batch_queued";
    private static final int MAX_ROUTES = 100;

    private final Collection<Slot> slots;
    private final double seconds;

    /** @param seconds the time that the slots cover, above 0 */
    public Figures(Collection<Slot> slots, double seconds) {
        this.slots = slots;
        this.seconds = seconds;
    }

    /** Everything that callers asked for, probes of our own health left out. */
    public Traffic total() {
        return traffic("total", labels -> !"public".equals(labels.get("class")));
    }

    /** One row per route, busiest first. */
    public List<Traffic> byRoute() {
        TreeSet<String> routes = new TreeSet<>();
        slots.forEach(slot -> routes.addAll(slot.labelValues(REQUESTS, "route")));
        List<Traffic> rows = new ArrayList<>();
        for (String route : routes) {
            if (rows.size() < MAX_ROUTES) {
                rows.add(traffic(route, labels -> route.equals(labels.get("route"))));
            }
        }
        rows.sort(Comparator.comparingLong(Traffic::requests).reversed());
        return rows;
    }

    /** Requests being worked on at the end of the newest slot. */
    public long inFlight() {
        return slots.stream()
                .reduce((a, b) -> b)
                .map(slot -> (long) slot.gauge(IN_FLIGHT))
                .orElse(0L);
    }

    public CacheFigures cache() {
        long l1 = hits("l1");
        long l2 = hits("l2") + hits("memory");
        long l3 = hits("l3");
        long item = sum(LOOKUPS, l -> "hit".equals(l.get("result")) && "embedding".equals(l.get("type")));
        long misses = sum(LOOKUPS, l -> "none".equals(l.get("tier")) && "miss".equals(l.get("result")));
        long lookups = l1 + l2 + l3 + misses;
        return new CacheFigures(l1, l2, l3, item, misses, lookups == 0 ? null : (double) (l1 + l2 + l3) / lookups);
    }

    public BatchFigures batching() {
        long calls = sum(BATCH_CALLS, l -> true);
        long items = sum(BATCH_ITEMS, l -> true);
        DDSketch sizes = merged(BATCH_SIZE, l -> true);
        DDSketch waits = merged(BATCH_WAIT, l -> true);
        long queued = slots.stream()
                .reduce((a, b) -> b)
                .map(slot -> (long) slot.gauge(BATCH_QUEUED))
                .orElse(0L);
        return new BatchFigures(
                calls,
                items,
                sizes.isEmpty() ? null : sizes.getSum() / sizes.getCount(),
                sizes.isEmpty() ? 0 : Math.round(sizes.getMaxValue()),
                millis(waits, 0.95),
                queued,
                histogram(sizes));
    }

    /** The slots as one point of a curve. */
    public Point point(long atMillis) {
        Traffic total = total();
        return new Point(
                atMillis,
                total.requestsPerSecond(),
                total.errorRatio(),
                total.p50Millis(),
                total.p95Millis(),
                total.p99Millis(),
                cache().hitRatio(),
                batching().meanSize());
    }

    private Traffic traffic(String group, Predicate<Map<String, String>> labels) {
        long requests = sum(REQUESTS, labels);
        long errors = sum(REQUESTS, l -> labels.test(l) && "5xx".equals(l.get("status_class")));
        DDSketch durations = merged(DURATION, labels);
        return new Traffic(
                group,
                requests,
                errors,
                requests / seconds,
                requests == 0 ? 0 : (double) errors / requests,
                millis(durations, 0.50),
                millis(durations, 0.95),
                millis(durations, 0.99));
    }

    private long hits(String tier) {
        return sum(LOOKUPS, l -> tier.equals(l.get("tier")) && "hit".equals(l.get("result")));
    }

    private long sum(String name, Predicate<Map<String, String>> labels) {
        long sum = 0;
        for (Slot slot : slots) {
            sum += slot.count(name, labels);
        }
        return sum;
    }

    private DDSketch merged(String name, Predicate<Map<String, String>> labels) {
        DDSketch target = Sketches.create();
        slots.forEach(slot -> slot.collect(name, labels, target));
        return target;
    }

    private static @Nullable Double millis(DDSketch sketch, double quantile) {
        return sketch.isEmpty() ? null : sketch.getValueAtQuantile(quantile) * 1000;
    }

    /** Sizes are whole numbers and the sketch is within 0.5 %: up to 100 the rounded value is the exact one. */
    private static List<long[]> histogram(DDSketch sketch) {
        TreeMap<Long, Long> bySize = new TreeMap<>();
        Iterator<Bin> bins = sketch.getPositiveValueStore().getAscendingIterator();
        while (bins.hasNext()) {
            Bin bin = bins.next();
            long size = Math.max(1, Math.round(sketch.getIndexMapping().value(bin.getIndex())));
            bySize.merge(size, Math.round(bin.getCount()), Long::sum);
        }
        return bySize.entrySet().stream()
                .map(entry -> new long[] {entry.getKey(), entry.getValue()})
                .toList();
    }
}
