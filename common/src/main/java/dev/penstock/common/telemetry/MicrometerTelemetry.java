package dev.penstock.common.telemetry;

import com.datadoghq.sketch.ddsketch.DDSketch;
import dev.penstock.common.contract.MonitorContract;
import dev.penstock.common.contract.MonitorContract.Count;
import dev.penstock.common.contract.MonitorContract.Series;
import dev.penstock.common.contract.MonitorContract.Sketch;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.DoubleSupplier;
import java.util.function.Function;

/**
 * {@link Telemetry} over one Micrometer registry, which Prometheus reads, and one set of sketches, which
 * {@link SamplePublisher} drains. A counter is one adder that both read; a duration or size goes into a histogram and
 * into a striped sketch.
 */
public final class MicrometerTelemetry implements Telemetry, AutoCloseable {
    /** Handles beyond this share the series whose labels are {@value #OTHER}. */
    public static final int MAX_SERIES = 2_000;

    /** The label value of what did not fit. */
    public static final String OTHER = "__other__";

    private static final Duration[] TIME_BUCKETS =
            seconds(.005, .01, .025, .05, .075, .1, .15, .2, .25, .3, .4, .5, .75, 1, 2.5, 5, 10);
    private static final double[] SIZE_BUCKETS = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096, 16384};
    private static final double[] RATIO_BUCKETS = {.1, .2, .3, .4, .5, .6, .7, .8, .9, 1};

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Map<Series, CounterSeries> counters = new ConcurrentHashMap<>();
    private final Map<Series, SketchSeries> sketches = new ConcurrentHashMap<>();
    private final Map<Series, Level> gauges = new ConcurrentHashMap<>();
    private final AtomicInteger seriesCount = new AtomicInteger();
    private final CounterSeries overflow;

    public MicrometerTelemetry() {
        VertxMetering.bound(registry);
        overflow = (CounterSeries) counter(
                "penstock_telemetry_overflow_total",
                "Requests for a series that did not fit into the " + MAX_SERIES + " of a process.");
    }

    @Override
    public Counter counter(String name, String help, String... labels) {
        return handle(counters, name, labels, series -> newCounter(series, help));
    }

    @Override
    public Timing timing(String name, String help, String... labels) {
        return handle(sketches, name, labels, series -> newTiming(series, help));
    }

    @Override
    public Distribution distribution(String name, String help, String... labels) {
        return handle(sketches, name, labels, series -> newDistribution(series, help));
    }

    /**
     * {@inheritDoc}
     *
     * <p>The same series again replaces the supplier: the newest owner of a level tells it. Levels that do not fit are
     * not told, since levels of different things make no sum.
     */
    @Override
    public void gauge(String name, String help, DoubleSupplier level, String... labels) {
        handle(gauges, name, labels, series -> newGauge(series, help)).supplier = level;
    }

    /** The registry that Prometheus reads, for metrics of libraries. */
    public PrometheusMeterRegistry registry() {
        return registry;
    }

    /** Everything in Prometheus text format. */
    public String scrape() {
        return registry.scrape();
    }

    /** Takes what happened since the last call. For one thread at a time. */
    public Deltas drain() {
        List<Count> counts = new ArrayList<>();
        counters.forEach((series, counter) -> {
            long delta = counter.delta();
            if (delta != 0) {
                counts.add(new Count(series, delta));
            }
        });
        List<MonitorContract.Gauge> levels = new ArrayList<>();
        gauges.forEach((series, level) -> {
            double value = level.value();
            if (Double.isFinite(value) && !series.labels().containsValue(OTHER)) {
                levels.add(new MonitorContract.Gauge(series, value));
            }
        });
        List<Sketch> drained = new ArrayList<>();
        sketches.forEach((series, recorder) -> {
            DDSketch delta = recorder.sketch.drain();
            if (delta != null) {
                drained.add(new Sketch(series, Sketches.encode(delta)));
            }
        });
        return new Deltas(counts, levels, drained);
    }

    @Override
    public void close() {
        registry.close();
    }

    /** A race may let a few more than {@link #MAX_SERIES} in, which does no harm. */
    private <H> H handle(Map<Series, H> known, String name, String[] labels, Function<Series, H> factory) {
        Series series = new Series(name, pairs(name, labels));
        H handle = known.get(series);
        if (handle != null) {
            return handle;
        }
        if (seriesCount.get() < MAX_SERIES) {
            return known.computeIfAbsent(series, key -> {
                seriesCount.incrementAndGet();
                return factory.apply(key);
            });
        }
        overflow.increment();
        return known.computeIfAbsent(other(series), factory);
    }

    private static Map<String, String> pairs(String name, String[] labels) {
        if (labels.length % 2 != 0) {
            throw new IllegalArgumentException("labels of " + name + " must be key, value, key, value …");
        }
        Map<String, String> pairs = new LinkedHashMap<>();
        for (int i = 0; i < labels.length; i += 2) {
            pairs.put(labels[i], labels[i + 1]);
        }
        return pairs;
    }

    private static Series other(Series series) {
        Map<String, String> labels = new LinkedHashMap<>(series.labels());
        labels.replaceAll((key, value) -> OTHER);
        return new Series(series.name(), labels);
    }

    private CounterSeries newCounter(Series series, String help) {
        CounterSeries counter = new CounterSeries();
        FunctionCounter.builder(series.name(), counter.adder, LongAdder::doubleValue)
                .description(help)
                .tags(tags(series))
                .register(registry);
        return counter;
    }

    private SketchSeries newTiming(Series series, String help) {
        Timer timer = Timer.builder(series.name())
                .description(help)
                .tags(tags(series))
                .serviceLevelObjectives(TIME_BUCKETS)
                .register(registry);
        return new SketchSeries() {
            @Override
            public void record(long nanos) {
                sketch.record(nanos / 1e9);
                timer.record(nanos, TimeUnit.NANOSECONDS);
            }

            @Override
            public void record(double seconds) {
                record((long) (seconds * 1e9));
            }
        };
    }

    private SketchSeries newDistribution(Series series, String help) {
        DistributionSummary summary = DistributionSummary.builder(series.name())
                .description(help)
                .tags(tags(series))
                .serviceLevelObjectives(series.name().endsWith("_ratio") ? RATIO_BUCKETS : SIZE_BUCKETS)
                .register(registry);
        return new SketchSeries() {
            @Override
            public void record(long value) {
                record((double) value);
            }

            @Override
            public void record(double value) {
                sketch.record(value);
                summary.record(value);
            }
        };
    }

    private Level newGauge(Series series, String help) {
        Level level = new Level();
        if (!series.labels().containsValue(OTHER)) {
            Gauge.builder(series.name(), level, Level::value)
                    .description(help)
                    .tags(tags(series))
                    .strongReference(true)
                    .register(registry);
        }
        return level;
    }

    private static List<Tag> tags(Series series) {
        return series.labels().entrySet().stream()
                .map(label -> Tag.of(label.getKey(), label.getValue()))
                .toList();
    }

    private static Duration[] seconds(double... values) {
        Duration[] durations = new Duration[values.length];
        for (int i = 0; i < values.length; i++) {
            durations[i] = Duration.ofMillis(Math.round(values[i] * 1_000));
        }
        return durations;
    }

    private static final class CounterSeries implements Counter {
        private final LongAdder adder = new LongAdder();
        /** Only the draining thread reads and writes it. */
        private long told;

        @Override
        public void add(long n) {
            adder.add(n);
        }

        long delta() {
            long now = adder.sum();
            long delta = now - told;
            told = now;
            return delta;
        }
    }

    private abstract static class SketchSeries implements Timing, Distribution {
        final StripedSketch sketch = new StripedSketch();
    }

    private static final class Level {
        private volatile DoubleSupplier supplier = () -> Double.NaN;

        /** A level that cannot be read is unknown; it must not cost the other ones. */
        double value() {
            try {
                return supplier.getAsDouble();
            } catch (RuntimeException e) {
                return Double.NaN;
            }
        }
    }
}
