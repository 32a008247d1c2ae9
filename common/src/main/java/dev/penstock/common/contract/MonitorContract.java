package dev.penstock.common.contract;

import dev.penstock.common.bus.Endpoint;
import dev.penstock.common.bus.Topic;
import dev.penstock.common.service.Role;
import dev.penstock.common.unit.Bytes;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the services tell monitor-service, and what it knows. Percentiles are never averaged: sketches are merged. */
public sealed interface MonitorContract {
    /** Every process publishes its deltas once a slot. */
    Topic<Samples> SAMPLES = Topic.of("monitor.samples.v1", Samples.class);
    /** The state of the whole cluster, once a second, for dashboards. */
    Topic<Live> LIVE = Topic.of("monitor.live.v1", Live.class);

    Endpoint<ReadMetrics, Metrics> METRICS =
            Endpoint.of(Role.MONITOR, "monitor.metrics.v1", ReadMetrics.class, Metrics.class, Duration.ofSeconds(3));
    Endpoint<ReadHealth, ClusterHealth> HEALTH = Endpoint.of(
            Role.MONITOR, "monitor.health.v1", ReadHealth.class, ClusterHealth.class, Duration.ofSeconds(1));
    Endpoint<ReadHistory, History> HISTORY =
            Endpoint.of(Role.MONITOR, "monitor.history.v1", ReadHistory.class, History.class, Duration.ofSeconds(3));

    enum Status {
        HEALTHY,
        DEGRADED,
        UNHEALTHY,
        UNKNOWN
    }

    /** A dependency or part of a process, as it sees it itself. {@code detail} says what callers notice. */
    record Check(String name, Status status, @Nullable String detail) implements MonitorContract {}

    /** What a process says about itself. */
    record ProcessHealth(Status status, List<Check> checks, String configHash) implements MonitorContract {
        public ProcessHealth {
            checks = List.copyOf(checks);
        }
    }

    /** The identity of a series. Names and label values come from bounded sets. */
    record Series(String name, Map<String, String> labels) implements MonitorContract {
        public Series {
            labels = Map.copyOf(labels);
        }
    }

    /** An increase since the slot before. */
    record Count(Series series, long delta) implements MonitorContract {}

    /** A level at the end of the slot. */
    record Gauge(Series series, double value) implements MonitorContract {}

    /** A DDSketch (relative error 0.5 %) of what was measured in the slot, in seconds or in the unit that the name ends in. */
    record Sketch(Series series, Bytes encoded) implements MonitorContract {}

    /**
     * One slot of one process.
     *
     * @param sequence counts up by one per process; a gap is a lost slot and is marked, never guessed
     * @param slotMillis start of the slot, wall clock, a multiple of {@code widthMillis}
     */
    record Samples(
            String service,
            String member,
            long sequence,
            long slotMillis,
            int widthMillis,
            List<Count> counts,
            List<Gauge> gauges,
            List<Sketch> sketches,
            ProcessHealth health)
            implements MonitorContract {
        public Samples {
            counts = List.copyOf(counts);
            gauges = List.copyOf(gauges);
            sketches = List.copyOf(sketches);
        }
    }

    record ReadMetrics(Duration window) implements MonitorContract {}

    /** Rate, errors and merged percentiles of one group of requests; percentiles are null where nothing was measured. */
    record Traffic(
            String group,
            long requests,
            long errors,
            double requestsPerSecond,
            double errorRatio,
            @Nullable Double p50Millis,
            @Nullable Double p95Millis,
            @Nullable Double p99Millis)
            implements MonitorContract {}

    record CacheFigures(
            long l1,
            long l2,
            long l3,
            long item,
            long misses,
            @Nullable Double hitRatio) implements MonitorContract {}

    record BatchFigures(
            long calls,
            long items,
            @Nullable Double meanSize,
            long maxSize,
            @Nullable Double waitP95Millis,
            long queued,
            List<long[]> sizes)
            implements MonitorContract {
        public BatchFigures {
            sizes = List.copyOf(sizes);
        }
    }

    record SloState(
            String name,
            double objective,
            @Nullable Double burn,
            @Nullable Double budgetRemaining,
            boolean breached) implements MonitorContract {}

    /** @param coverage share of the window for which there are data, 0 to 1 */
    record Metrics(
            Duration window,
            double coverage,
            Traffic total,
            List<Traffic> byRoute,
            long inFlight,
            CacheFigures cache,
            BatchFigures batching,
            List<SloState> slos)
            implements MonitorContract {
        public Metrics {
            byRoute = List.copyOf(byRoute);
            slos = List.copyOf(slos);
        }
    }

    record ReadHealth() implements MonitorContract {}

    record ServiceHealth(String service, String member, Status status, long lastSeenMillisAgo, List<Check> checks)
            implements MonitorContract {
        public ServiceHealth {
            checks = List.copyOf(checks);
        }
    }

    record ClusterHealth(Status status, List<String> reasons, List<ServiceHealth> services) implements MonitorContract {
        public ClusterHealth {
            reasons = List.copyOf(reasons);
            services = List.copyOf(services);
        }
    }

    record Live(long atMillis, ClusterHealth health, Metrics metrics) implements MonitorContract {}

    record ReadHistory(Duration span) implements MonitorContract {}

    record Point(
            long atMillis,
            double rate,
            double errorRatio,
            @Nullable Double p50Millis,
            @Nullable Double p95Millis,
            @Nullable Double p99Millis,
            @Nullable Double hitRatio,
            @Nullable Double meanBatch)
            implements MonitorContract {}

    record History(List<Point> points) implements MonitorContract {
        public History {
            points = List.copyOf(points);
        }
    }
}
