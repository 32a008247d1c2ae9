package dev.penstock.common.telemetry;

import dev.penstock.common.bus.Bus;
import dev.penstock.common.bus.CallContext;
import dev.penstock.common.contract.MonitorContract;
import dev.penstock.common.contract.MonitorContract.Samples;
import dev.penstock.common.health.Health;
import dev.penstock.common.telemetry.policy.SlotClock;
import dev.penstock.common.time.Ticker;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
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
    private final Context context;
    private final Bus bus;
    private final MicrometerTelemetry telemetry;
    private final Health health;
    private final Identity identity;
    private final SlotClock clock;
    private final ProcessMetrics process;
    private long timer = -1;
    private boolean stopped;

    /** @param slot width of a slot; slots begin at its multiples on the wall clock */
    public SamplePublisher(
            Vertx vertx, Bus bus, MicrometerTelemetry telemetry, Health health, Identity identity, Duration slot) {
        this.vertx = vertx;
        this.context = vertx.getOrCreateContext();
        this.bus = bus;
        this.telemetry = telemetry;
        this.health = health;
        this.identity = identity;
        this.clock = new SlotClock(slot.toMillis(), System.currentTimeMillis());
        this.process = new ProcessMetrics(vertx, telemetry, Ticker.system());
    }

    /** Publishes at the end of the slot that is running now, and at each end after it. */
    public void start() {
        context.runOnContext(nothing -> {
            process.start();
            arm();
        });
    }

    /** Publishes what is left and stops; completed when that is done. */
    public Future<Void> stop() {
        return Future.future(done -> context.runOnContext(nothing -> {
            if (!stopped) {
                stopped = true;
                vertx.cancelTimer(timer);
                process.stop();
                publish(clock.running(System.currentTimeMillis()));
            }
            done.complete();
        }));
    }

    private void arm() {
        if (!stopped) {
            timer = vertx.setTimer(clock.millisToEnd(System.currentTimeMillis()), fired -> tick());
        }
    }

    private void tick() {
        clock.ended(System.currentTimeMillis()).ifPresent(this::publish);
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
