package dev.penstock.common.telemetry;

import dev.penstock.common.contract.MonitorContract.Count;
import dev.penstock.common.contract.MonitorContract.Gauge;
import dev.penstock.common.contract.MonitorContract.Sketch;
import java.util.List;

/** What happened since the deltas were last taken. Series without news are left out; levels are always told. */
public record Deltas(List<Count> counts, List<Gauge> gauges, List<Sketch> sketches) {
    public Deltas {
        counts = List.copyOf(counts);
        gauges = List.copyOf(gauges);
        sketches = List.copyOf(sketches);
    }
}
