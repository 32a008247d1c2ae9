package dev.penstock.monitor.policy;

import com.datadoghq.sketch.ddsketch.DDSketch;
import dev.penstock.common.contract.MonitorContract.Count;
import dev.penstock.common.contract.MonitorContract.Gauge;
import dev.penstock.common.contract.MonitorContract.ProcessHealth;
import dev.penstock.common.contract.MonitorContract.Samples;
import dev.penstock.common.contract.MonitorContract.Series;
import dev.penstock.common.contract.MonitorContract.Sketch;
import dev.penstock.common.contract.MonitorContract.Status;
import dev.penstock.common.telemetry.Sketches;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Builds what a process would send. */
final class SampleSlots {
    static final int WIDTH = 5_000;
    private final List<Count> counts = new ArrayList<>();
    private final List<Gauge> gauges = new ArrayList<>();
    private final List<Sketch> sketches = new ArrayList<>();

    SampleSlots requests(String statusClass, long n) {
        return count(
                "penstock_http_requests_total",
                n,
                Map.of("route", "/v1/embeddings", "status_class", statusClass, "class", "analysis"));
    }

    SampleSlots count(String name, long n, Map<String, String> labels) {
        counts.add(new Count(new Series(name, labels), n));
        return this;
    }

    SampleSlots gauge(String name, double level) {
        gauges.add(new Gauge(new Series(name, Map.of()), level));
        return this;
    }

    SampleSlots durations(double... seconds) {
        return sketch(
                "penstock_http_request_duration_seconds",
                Map.of("route", "/v1/embeddings", "class", "analysis"),
                seconds);
    }

    SampleSlots sketch(String name, Map<String, String> labels, double... values) {
        DDSketch sketch = Sketches.create();
        for (double value : values) {
            sketch.accept(value);
        }
        sketches.add(new Sketch(new Series(name, labels), Sketches.encode(sketch)));
        return this;
    }

    Samples from(String member, long sequence, long slotMillis) {
        return new Samples(
                "gateway",
                member,
                sequence,
                slotMillis,
                WIDTH,
                counts,
                gauges,
                sketches,
                new ProcessHealth(Status.HEALTHY, List.of(), "hash"));
    }
}
