package dev.penstock.monitor.policy;

import com.datadoghq.sketch.ddsketch.DDSketch;
import dev.penstock.common.contract.MonitorContract.Count;
import dev.penstock.common.contract.MonitorContract.Gauge;
import dev.penstock.common.contract.MonitorContract.Samples;
import dev.penstock.common.contract.MonitorContract.Series;
import dev.penstock.common.contract.MonitorContract.Sketch;
import dev.penstock.common.telemetry.Sketches;
import dev.penstock.common.unit.Bytes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * One slot of time over all processes: counts are summed, sketches merged, gauges summed over processes. Used by one
 * thread. Series beyond the bound are left out and counted, so that a process gone wild cannot fill the heap.
 */
public final class Slot {
    private static final int MAX_SERIES = 10_000;

    private final long startMillis;
    private final Map<Series, Long> counts = new HashMap<>();
    private final Map<Series, DDSketch> sketches = new HashMap<>();
    private final Map<Series, Double> gauges = new HashMap<>();
    private long refused;

    public Slot(long startMillis) {
        this.startMillis = startMillis;
    }

    public long startMillis() {
        return startMillis;
    }

    /** Adds what one process measured in this slot. */
    public void add(Samples samples) {
        for (Count count : samples.counts()) {
            if (count.delta() > 0 && room(counts, count.series())) {
                counts.merge(count.series(), count.delta(), Long::sum);
            }
        }
        for (Gauge gauge : samples.gauges()) {
            if (Double.isFinite(gauge.value()) && room(gauges, gauge.series())) {
                gauges.merge(gauge.series(), gauge.value(), Double::sum);
            }
        }
        for (Sketch sketch : samples.sketches()) {
            if (room(sketches, sketch.series())) {
                merge(sketch.series(), sketch.encoded());
            }
        }
    }

    /** Adds another slot, for roll-ups. Gauges keep the newest level. */
    public void add(Slot other) {
        other.counts.forEach((series, delta) -> counts.merge(series, delta, Long::sum));
        other.sketches.forEach((series, sketch) -> merge(series, Sketches.encode(sketch)));
        gauges.putAll(other.gauges);
    }

    /** The sum of all counts of {@code name} whose labels pass. */
    public long count(String name, Predicate<Map<String, String>> labels) {
        long sum = 0;
        for (Map.Entry<Series, Long> entry : counts.entrySet()) {
            Series series = entry.getKey();
            if (series.name().equals(name) && labels.test(series.labels())) {
                sum += entry.getValue();
            }
        }
        return sum;
    }

    /** The sum of the gauges of {@code name}. */
    public double gauge(String name) {
        double sum = 0;
        for (Map.Entry<Series, Double> entry : gauges.entrySet()) {
            if (entry.getKey().name().equals(name)) {
                sum += entry.getValue();
            }
        }
        return sum;
    }

    /** Merges the sketches of {@code name} whose labels pass into {@code target}. */
    public void collect(String name, Predicate<Map<String, String>> labels, DDSketch target) {
        sketches.forEach((series, sketch) -> {
            if (series.name().equals(name) && labels.test(series.labels())) {
                target.mergeWith(sketch);
            }
        });
    }

    /** The values of {@code label} among the counts of {@code name}. */
    public List<String> labelValues(String name, String label) {
        List<String> values = new ArrayList<>();
        for (Series series : counts.keySet()) {
            String value = series.labels().get(label);
            if (series.name().equals(name) && value != null && !values.contains(value)) {
                values.add(value);
            }
        }
        return values;
    }

    /** Samples that were left out because they were nonsense or too many. */
    public long refused() {
        return refused;
    }

    Map<Series, Long> counts() {
        return counts;
    }

    Map<Series, DDSketch> sketches() {
        return sketches;
    }

    Map<Series, Double> gauges() {
        return gauges;
    }

    private void merge(Series series, Bytes encoded) {
        DDSketch merged = sketches.containsKey(series) ? sketches.get(series) : Sketches.create();
        try {
            DDSketch incoming = Sketches.decode(encoded);
            if (merged != null) {
                merged.mergeWith(incoming);
                sketches.put(series, merged);
            }
        } catch (IllegalArgumentException e) {
            refused++;
        }
    }

    private <V> boolean room(Map<Series, V> map, Series series) {
        if (map.size() < MAX_SERIES || map.containsKey(series)) {
            return true;
        }
        refused++;
        return false;
    }
}
