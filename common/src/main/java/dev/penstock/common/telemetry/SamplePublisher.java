package dev.penstock.common.telemetry;

import dev.penstock.common.bus.Bus;
import dev.penstock.common.bus.CallContext;
import dev.penstock.common.contract.MonitorContract;
import dev.penstock.common.contract.MonitorContract.Samples;
import dev.penstock.common.health.Health;
import dev.penstock.common.telemetry.policy.SlotClock;
import dev.penstock.common.time.Ticker;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells monitor-service, once a slot, what happened in this process. Runs on one event loop: {@link #start} and
 * {@link #stop} may be called from any thread, everything else happens there.
 */
public final class SamplePublisher {
    private static final Logger log = LoggerFactory.getLogger(SamplePublisher.class);
    private static final Duration BUDGET = Duration.ofSeconds(5);

    /** Who speaks: the service's label and the member's id. */
    public record Identity(String service, String member) {}

    private final Vertx vertx;
    private final Bus bus;
    private final MicrometerTelemetry telemetry;
    private final Health health;
    private final Identity identity;
    private final SlotClock clock;
    private final LongSupplier wallMillis;
    private final ProcessMetrics process;
    private long timer = -1;
    private boolean stopped;

    /** @param slot width of a slot; slots begin at its multiples on the wall clock */
    public SamplePublisher(
            Vertx vertx, Bus bus, MicrometerTelemetry telemetry, Health health, Identity identity, Duration slot) {
        this(vertx, bus, telemetry, health, identity, slot, System::currentTimeMillis);
    }

    SamplePublisher(
            Vertx vertx,
            Bus bus,
            MicrometerTelemetry telemetry,
            Health health,
            Identity identity,
            Duration slot,
            LongSupplier wallMillis) {
        this.vertx = vertx;
        this.bus = bus;
        this.telemetry = telemetry;
        this.health = health;
        this.identity = identity;
        this.wallMillis = wallMillis;
        this.clock = new SlotClock(slot.toMillis(), wallMillis.getAsLong());
        this.process = new ProcessMetrics(vertx, telemetry, Ticker.system());
    }

    /** Publishes at the end of the slot that is running now, and at each end after it. */
    public void start() {
        var context = vertx.getOrCreateContext();
        context.runOnContext(nothing -> {
            process.start();
            arm();
        });
    }

    /** Publishes what is left and stops. Call it on the context that started. */
    public void stop() {
        if (!stopped) {
            stopped = true;
            vertx.cancelTimer(timer);
            process.stop();
            publish(clock.running(wallMillis.getAsLong()));
        }
    }

    private void arm() {
        if (!stopped) {
            timer = vertx.setTimer(clock.millisToEnd(wallMillis.getAsLong()), fired -> tick());
        }
    }

    private void tick() {
        clock.ended(wallMillis.getAsLong()).ifPresent(this::publish);
        arm();
    }

    private void publish(SlotClock.Slot slot) {
        try {
            process.sample();
            Deltas deltas = telemetry.drain();
            Samples samples = new Samples(
                    identity.service(),
                    identity.member(),
                    slot.sequence(),
                    slot.startMillis(),
                    (int) clock.widthMillis(),
                    deltas.counts(),
                    deltas.gauges(),
                    deltas.sketches(),
                    health.report());
            bus.publish(
                    MonitorContract.SAMPLES,
                    samples,
                    CallContext.internal("samples", Ticker.system().nanos(), BUDGET));
        } catch (RuntimeException e) {
            log.warn("the samples of slot {} are lost", slot.startMillis(), e);
        }
    }
}
