package dev.penstock.common.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.common.bus.Bus;
import dev.penstock.common.cluster.StandaloneMembership;
import dev.penstock.common.contract.MonitorContract;
import dev.penstock.common.contract.MonitorContract.Samples;
import dev.penstock.common.health.Health;
import dev.penstock.common.time.Ticker;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SamplePublisherTest {
    private final MicrometerTelemetry telemetry = new MicrometerTelemetry();
    private final Vertx vertx =
            VertxMetering.builder(new VertxOptions(), telemetry).build();

    @AfterEach
    void close() throws Exception {
        vertx.close().await(10, TimeUnit.SECONDS);
        telemetry.close();
    }

    @Test
    void everySlotIsPublishedOnceInOrderWithTheProcessItself() throws Exception {
        Bus bus = new Bus(vertx, new StandaloneMembership(), Ticker.system());
        BlockingQueue<Samples> seen = new LinkedBlockingQueue<>();
        bus.subscribe(MonitorContract.SAMPLES, seen::add).await(5, TimeUnit.SECONDS);
        Telemetry.Counter counter = telemetry.counter("penstock_c_total", "C.");
        counter.add(4);
        var publisher = new SamplePublisher(
                vertx,
                bus,
                telemetry,
                new Health(),
                new SamplePublisher.Identity("gateway", "m1"),
                Duration.ofMillis(500));
        publisher.start();

        Samples first = seen.poll(10, TimeUnit.SECONDS);
        counter.add(2);
        Samples second = seen.poll(10, TimeUnit.SECONDS);

        counter.add(1);
        publisher.stop().await(5, TimeUnit.SECONDS);
        Samples last = seen.poll(10, TimeUnit.SECONDS);

        assertThat(last).isNotNull();
        assertThat(delta(last)).isEqualTo(1);
        assertThat(first).isNotNull();
        assertThat(second).isNotNull();
        assertThat(first.service()).isEqualTo("gateway");
        assertThat(first.member()).isEqualTo("m1");
        assertThat(first.slotMillis() % 500).isZero();
        assertThat(first.widthMillis()).isEqualTo(500);
        assertThat(delta(first)).isEqualTo(4);
        assertThat(delta(second)).isEqualTo(2);
        assertThat(second.slotMillis() - first.slotMillis()).isEqualTo(500 * (second.sequence() - first.sequence()));
        assertThat(first.gauges())
                .extracting(gauge -> gauge.series().name())
                .contains("penstock_process_heap_used_bytes", "penstock_event_loop_lag_seconds");
    }

    @Test
    void vertxReportsIntoTheSameRegistryWithoutPathLabels() throws Exception {
        vertx.executeBlocking(() -> 1).await(5, TimeUnit.SECONDS);
        assertThat(telemetry.scrape())
                .contains("vertx_pool_")
                .contains("jvm_memory_used_bytes")
                .doesNotContain("path=");
    }

    private static long delta(Samples samples) {
        return samples.counts().stream()
                .filter(count -> count.series().name().equals("penstock_c_total"))
                .mapToLong(MonitorContract.Count::delta)
                .sum();
    }
}
