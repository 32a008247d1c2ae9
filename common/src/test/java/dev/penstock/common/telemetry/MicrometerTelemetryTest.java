package dev.penstock.common.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.penstock.common.contract.MonitorContract.Count;
import dev.penstock.common.contract.MonitorContract.Series;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MicrometerTelemetryTest {
    private final MicrometerTelemetry telemetry = new MicrometerTelemetry();

    @AfterEach
    void close() {
        telemetry.close();
    }

    @Test
    void oneRecordFeedsPrometheusAndTheSamples() {
        telemetry
                .counter("penstock_http_requests_total", "Requests.", "route", "/v1/embeddings")
                .add(3);
        telemetry
                .timing("penstock_http_request_duration_seconds", "Durations.", "route", "/v1/embeddings")
                .record(Duration.ofMillis(60).toNanos());
        telemetry.distribution("penstock_batch_size", "Items.", "model", "m").record(5);
        telemetry.gauge("penstock_batch_queued", "Queued.", () -> 7, "model", "m");

        Deltas deltas = telemetry.drain();
        String text = telemetry.scrape();

        Series series = new Series("penstock_http_requests_total", Map.of("route", "/v1/embeddings"));
        assertThat(deltas.counts()).containsExactly(new Count(series, 3));
        assertThat(deltas.gauges())
                .singleElement()
                .satisfies(gauge -> assertThat(gauge.value()).isEqualTo(7));
        assertThat(deltas.sketches()).hasSize(2);
        assertThat(quantile(deltas, "penstock_http_request_duration_seconds")).isCloseTo(0.060, within(0.0003));
        assertThat(quantile(deltas, "penstock_batch_size")).isCloseTo(5, within(0.025));
        assertThat(text)
                .contains("penstock_http_requests_total{route=\"/v1/embeddings\"} 3.0")
                .contains("penstock_http_request_duration_seconds_bucket{route=\"/v1/embeddings\",le=\"0.05\"} 0")
                .contains("penstock_http_request_duration_seconds_bucket{route=\"/v1/embeddings\",le=\"0.075\"} 1")
                .contains("penstock_http_request_duration_seconds_count{route=\"/v1/embeddings\"} 1")
                .contains("penstock_batch_size_bucket{model=\"m\",le=\"8.0\"} 1")
                .contains("penstock_batch_queued{model=\"m\"} 7.0");
    }

    @Test
    void histogramsHaveTheAgreedBoundaries() {
        telemetry.timing("penstock_t_seconds", "T.").record(1);
        assertThat(telemetry.scrape().lines().filter(line -> line.startsWith("penstock_t_seconds_bucket")))
                .extracting(line -> line.replaceAll(".*le=\"([^\"]+)\".*", "$1"))
                .containsExactly(
                        "0.005", "0.01", "0.025", "0.05", "0.075", "0.1", "0.15", "0.2", "0.25", "0.3", "0.4", "0.5",
                        "0.75", "1.0", "2.5", "5.0", "10.0", "+Inf");
    }

    @Test
    void aDrainTakesOnlyWhatIsNew() {
        Telemetry.Counter counter = telemetry.counter("penstock_c_total", "C.");
        Telemetry.Timing timing = telemetry.timing("penstock_t_seconds", "T.");
        counter.increment();
        timing.record(1_000);
        assertThat(telemetry.drain().counts()).hasSize(1);
        assertThat(telemetry.drain()).satisfies(empty -> {
            assertThat(empty.counts()).isEmpty();
            assertThat(empty.sketches()).isEmpty();
        });
        counter.add(2);
        assertThat(telemetry.drain().counts()).extracting(Count::delta).containsExactly(2L);
    }

    @Test
    void theSameSeriesIsTheSameHandleAndTheNewestLevelWins() {
        assertThat(telemetry.counter("penstock_c_total", "C.", "a", "1", "b", "2"))
                .isSameAs(telemetry.counter("penstock_c_total", "C.", "b", "2", "a", "1"));
        telemetry.gauge("penstock_g", "G.", () -> 1);
        telemetry.gauge("penstock_g", "G.", () -> 2);
        assertThat(telemetry.drain().gauges())
                .extracting(gauge -> gauge.value())
                .containsExactly(2.0);
        assertThat(telemetry.scrape()).contains("penstock_g 2.0");
    }

    @Test
    void seriesBeyondTheCapFallIntoOneAndAreCounted() {
        for (int i = 0; i < MicrometerTelemetry.MAX_SERIES + 500; i++) {
            telemetry.counter("penstock_c_total", "C.", "id", "v" + i).increment();
        }
        Deltas deltas = telemetry.drain();
        Series other = new Series("penstock_c_total", Map.of("id", MicrometerTelemetry.OTHER));
        Series overflow = new Series("penstock_telemetry_overflow_total", Map.of());
        assertThat(deltas.counts()).contains(new Count(other, 501), new Count(overflow, 501));
        assertThat(deltas.counts()).hasSizeLessThanOrEqualTo(MicrometerTelemetry.MAX_SERIES + 1);
        assertThat(telemetry.scrape()).contains("penstock_c_total{id=\"__other__\"} 501.0");
    }

    @Test
    void aLevelThatFailsIsLeftOutAndTheOthersStay() {
        telemetry.gauge("penstock_bad", "Bad.", () -> {
            throw new IllegalStateException("gone");
        });
        telemetry.gauge("penstock_nan", "Nan.", () -> Double.NaN);
        telemetry.gauge("penstock_good", "Good.", () -> 1);
        assertThat(telemetry.drain().gauges())
                .extracting(gauge -> gauge.series().name())
                .containsExactly("penstock_good");
        assertThat(telemetry.scrape()).contains("penstock_good 1.0");
    }

    @Test
    void labelsMustComeInPairs() {
        assertThatThrownBy(() -> telemetry.counter("penstock_c_total", "C.", "route"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void threadsThatRecordWhileItIsDrainedLoseNothing() throws Exception {
        int threads = 8;
        int each = 50_000;
        Telemetry.Counter counter = telemetry.counter("penstock_c_total", "C.");
        Telemetry.Timing timing = telemetry.timing("penstock_t_seconds", "T.");
        CountDownLatch done = new CountDownLatch(threads);
        List<Thread> workers = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            workers.add(Thread.ofPlatform().start(() -> {
                for (int i = 0; i < each; i++) {
                    counter.increment();
                    timing.record(1_000L * (i + 1));
                }
                done.countDown();
            }));
        }
        double sketched = 0;
        long counted = 0;
        boolean last = false;
        while (!last) {
            last = done.getCount() == 0;
            Deltas deltas = telemetry.drain();
            counted += deltas.counts().stream().mapToLong(Count::delta).sum();
            sketched += deltas.sketches().stream()
                    .mapToDouble(sketch -> Sketches.decode(sketch.encoded()).getCount())
                    .sum();
        }
        for (Thread worker : workers) {
            worker.join();
        }
        assertThat(counted).isEqualTo((long) threads * each);
        assertThat(sketched).isEqualTo((double) threads * each);
    }

    @Test
    void aRecordCostsWellBelowAMicrosecondOnceWarm() {
        Telemetry.Timing timing = telemetry.timing("penstock_t_seconds", "T.");
        double best = Double.MAX_VALUE;
        for (int round = 0; round < 10; round++) {
            long started = System.nanoTime();
            for (int i = 0; i < 100_000; i++) {
                timing.record(1_000_000L + i);
            }
            best = Math.min(best, (System.nanoTime() - started) / 100_000.0);
        }
        assertThat(best).as("nanoseconds per record, best of ten rounds").isLessThan(1_000);
    }

    private static double quantile(Deltas deltas, String name) {
        return deltas.sketches().stream()
                .filter(sketch -> sketch.series().name().equals(name))
                .map(sketch -> Sketches.quantile(Sketches.decode(sketch.encoded()), 0.5)
                        .orElseThrow())
                .findFirst()
                .orElseThrow();
    }
}
