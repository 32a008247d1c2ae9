package dev.penstock.batching;

import dev.penstock.common.config.BatchingConfig;
import dev.penstock.common.config.InstanceConfig;
import dev.penstock.common.contract.BatchContract.CallEnd;
import dev.penstock.common.contract.BatchContract.Instance;
import dev.penstock.common.pool.policy.FailureWindow;
import dev.penstock.common.pool.policy.InstanceChoice.Candidate;
import dev.penstock.common.pool.policy.PeakEwma;
import io.vertx.circuitbreaker.CircuitBreaker;
import io.vertx.circuitbreaker.CircuitBreakerOptions;
import io.vertx.circuitbreaker.CircuitBreakerState;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One instance of a model as its pool sees it: calls in flight, latency, breaker, pauses. Lives on the pool's event loop.
 *
 * <p>The breaker is told how calls ended, after they ended. Two things about it shape this class. A success makes it
 * forget all failures, so it opens for failures in a row only; {@link FailureWindow} finds the instance that fails every
 * other call. And an outcome that belongs to an earlier state (a call that was started before it opened) would close or
 * open it wrongly; so every slot remembers the state it was taken in, and outcomes from another one are left out.
 */
final class PoolInstance {
    private static final Logger log = LoggerFactory.getLogger(PoolInstance.class);
    private static final Duration DEFAULT_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(2);
    /** A probe may be a stream that lasts for minutes: after this time the next one is let through. */
    private static final long PROBE_WAIT_NANOS = 1_000_000_000L;

    private final String model;
    private final PoolRuntime runtime;
    private final PoolMetrics.InstanceGauges gauges;
    private final Runnable changed;
    private final PeakEwma latency = new PeakEwma();
    private InstanceConfig config;
    private int mergedSlots;
    private long resetNanos;
    private CircuitBreaker breaker;
    private FailureWindow failureWindow;

    private boolean closed;
    private CircuitBreakerState state = CircuitBreakerState.CLOSED;
    /** Counts changes of state, so that a slot knows whether it is from before. */
    private int epoch;

    private long openedNanos;
    private boolean probing;
    private long probedNanos;
    private boolean failedLately;
    private boolean paused;
    private long pausedUntil;
    private int inFlight;
    private int merged;
    private long calls;
    private long failures;

    /** The right to one call; given back once. */
    final class Slot {
        private final boolean forMerged;
        private final boolean probe;
        private final int takenIn;
        private boolean returned;

        private Slot(boolean forMerged, boolean probe) {
            this.forMerged = forMerged;
            this.probe = probe;
            this.takenIn = epoch;
        }

        PoolInstance instance() {
            return PoolInstance.this;
        }

        /**
         * Gives the slot back with the outcome. A second time does nothing.
         *
         * @param sampleNanos latency of a success, comparable over the instances of the pool
         * @param retryAfterMillis of a {@link CallEnd#THROTTLED}; 0 where nobody said
         */
        void giveBack(CallEnd end, long sampleNanos, long retryAfterMillis) {
            if (!returned) {
                returned = true;
                inFlight--;
                merged -= forMerged ? 1 : 0;
                showInFlight();
                learn(end, sampleNanos, retryAfterMillis, probe, takenIn);
                changed.run();
            }
        }
    }

    PoolInstance(InstanceConfig config, String model, PoolRuntime runtime, PoolMetrics metrics, Runnable changed) {
        BatchingConfig batching = runtime.config();
        this.config = config;
        this.model = model;
        this.runtime = runtime;
        this.changed = changed;
        this.mergedSlots = batching.slotsPerInstance();
        this.resetNanos = batching.breakerReset().toNanos();
        this.gauges = metrics.instance(config.name());
        this.failureWindow = new FailureWindow(batching.breakerWindow().toNanos());
        this.breaker = breaker(batching);
        gauges.open.set(0);
    }

    /** Whether {@code next} is this place under other terms, so that what was learned of it still holds. */
    boolean sameAs(InstanceConfig next) {
        return config.name().equals(next.name())
                && config.url().equals(next.url())
                && config.model().equals(next.model())
                && config.api() == next.api();
    }

    /** Goes over to other terms; calls in flight end as they began. */
    void follow(InstanceConfig next, BatchingConfig before, BatchingConfig batching) {
        config = next;
        mergedSlots = batching.slotsPerInstance();
        if (!options(before).toJson().equals(options(batching).toJson())
                || !before.breakerWindow().equals(batching.breakerWindow())) {
            // Other terms for being cut off: it begins anew, and outcomes of calls from before are left out.
            CircuitBreaker old = breaker;
            resetNanos = batching.breakerReset().toNanos();
            failureWindow = new FailureWindow(batching.breakerWindow().toNanos());
            breaker = breaker(batching);
            old.close();
            state = CircuitBreakerState.CLOSED;
            epoch++;
            probing = false;
            failedLately = false;
            gauges.open.set(0);
        }
    }

    private CircuitBreaker breaker(BatchingConfig batching) {
        CircuitBreaker made = CircuitBreaker.create(model + "/" + config.name(), runtime.vertx(), options(batching));
        made.openHandler(v -> entered(made, CircuitBreakerState.OPEN));
        made.halfOpenHandler(v -> entered(made, CircuitBreakerState.HALF_OPEN));
        made.closeHandler(v -> entered(made, CircuitBreakerState.CLOSED));
        return made;
    }

    InstanceConfig config() {
        return config;
    }

    String name() {
        return config.name();
    }

    /** Whether it is healthy enough for a call, busy or not. */
    boolean available(long nowNanos) {
        return pauseNanos(nowNanos) == 0 && admitted(nowNanos);
    }

    /** Whether a leased call could start now. */
    boolean free(long nowNanos) {
        return inFlight < config.maxConcurrency() && available(nowNanos);
    }

    /** Whether a merged call could start now. */
    boolean freeForMerged(long nowNanos) {
        return merged < mergedSlots && free(nowNanos);
    }

    /** Merged calls that it takes at a time. */
    int mergedSlots() {
        return Math.min(mergedSlots, config.maxConcurrency());
    }

    /** Nanoseconds until it may be available again, at least 0. */
    long backInNanos(long nowNanos) {
        long breakerNanos = switch (state) {
            case CLOSED -> 0;
            case OPEN -> Math.max(0, openedNanos + resetNanos - nowNanos);
            case HALF_OPEN -> probeNanos(nowNanos);
        };
        return Math.max(breakerNanos, pauseNanos(nowNanos));
    }

    /** Whether only a pause, asked for by itself, keeps it from working. */
    boolean onlyPaused(long nowNanos) {
        return pauseNanos(nowNanos) > 0 && admitted(nowNanos);
    }

    /** Takes a slot; the caller has seen that one is free. */
    Slot take(boolean forMerged, long nowNanos) {
        boolean probe = state == CircuitBreakerState.HALF_OPEN;
        if (probe) {
            probing = true;
            probedNanos = nowNanos;
        }
        inFlight++;
        merged += forMerged ? 1 : 0;
        showInFlight();
        return new Slot(forMerged, probe);
    }

    /** An outcome of a call whose slot this pool never gave, because it is new. */
    void observe(CallEnd end, long sampleNanos, long retryAfterMillis) {
        learn(end, sampleNanos, retryAfterMillis, false, epoch);
    }

    /** Cuts it off, because too many of its calls fail though some succeed. */
    void ejectIfSick(long nowNanos) {
        if (state == CircuitBreakerState.CLOSED && failureWindow.sick(nowNanos)) {
            breaker.open();
        }
    }

    Candidate candidate(boolean usable, long nowNanos) {
        return new Candidate(usable, inFlight, latency.value(nowNanos), config.weight());
    }

    int inFlight() {
        return inFlight;
    }

    Instance inspect(long nowNanos) {
        String label = pauseNanos(nowNanos) > 0
                ? "paused"
                : state.name().toLowerCase(Locale.ROOT).replace('_', '-');
        return new Instance(config.name(), label, inFlight, calls, failures, latency.value(nowNanos) / 1e6);
    }

    /**
     * Leaves nothing behind that a health check or a dashboard could take for the present. The breaker's timer outlives
     * its close: what it says afterwards is not heard.
     */
    void close() {
        closed = true;
        gauges.open.set(0);
        gauges.inFlight.set(0);
        breaker.close();
    }

    private void showInFlight() {
        if (!closed) {
            gauges.inFlight.set(inFlight);
        }
    }

    private boolean admitted(long nowNanos) {
        return state == CircuitBreakerState.CLOSED
                || (state == CircuitBreakerState.HALF_OPEN && probeNanos(nowNanos) == 0);
    }

    /** Nanoseconds until another probe may start. */
    private long probeNanos(long nowNanos) {
        return probing ? Math.max(0, probedNanos + PROBE_WAIT_NANOS - nowNanos) : 0;
    }

    private long pauseNanos(long nowNanos) {
        if (paused && nowNanos - pausedUntil >= 0) {
            paused = false;
        }
        return paused ? pausedUntil - nowNanos : 0;
    }

    private void learn(CallEnd end, long sampleNanos, long retryAfterMillis, boolean probe, int takenIn) {
        long now = runtime.ticker().nanos();
        calls++;
        switch (end) {
            case SUCCESS -> {
                if (sampleNanos > 0) {
                    latency.record(sampleNanos, now);
                }
                failureWindow.record(false, now);
                report(true, probe, takenIn);
            }
            case FAILURE -> {
                failures++;
                failureWindow.record(true, now);
                report(false, probe, takenIn);
            }
            case THROTTLED -> {
                pause(retryAfterMillis, now);
                // It answered, so it is there: a probe has succeeded.
                report(true, probe, takenIn);
            }
            case NEUTRAL -> probing &= !(probe && takenIn == epoch);
        }
    }

    private void report(boolean success, boolean probe, int takenIn) {
        if (takenIn != epoch) {
            return;
        }
        if (success && !probe && !failedLately) {
            return;
        }
        failedLately = !success;
        breaker.<Void>execute(() -> success ? Future.succeededFuture() : Future.failedFuture("failed"))
                .onComplete(done -> changed.run());
    }

    private void pause(long retryAfterMillis, long nowNanos) {
        long millis =
                retryAfterMillis > 0 ? Math.min(retryAfterMillis, LONGEST_PAUSE.toMillis()) : DEFAULT_PAUSE.toMillis();
        long until = nowNanos + millis * 1_000_000;
        if (!paused || until - pausedUntil > 0) {
            pausedUntil = until;
            paused = true;
            runtime.vertx().setTimer(millis + 1, id -> changed.run());
        }
    }

    private void entered(CircuitBreaker from, CircuitBreakerState next) {
        if (closed
                || !from.equals(breaker)
                || (state == CircuitBreakerState.OPEN && next == CircuitBreakerState.OPEN)) {
            return;
        }
        log.info("breaker {}: {} -> {}", breaker.name(), state, next);
        state = next;
        epoch++;
        probing = false;
        if (next == CircuitBreakerState.OPEN) {
            openedNanos = runtime.ticker().nanos();
        } else if (next == CircuitBreakerState.CLOSED) {
            failedLately = false;
            failureWindow.clear();
        }
        gauges.open.set(next == CircuitBreakerState.CLOSED ? 0 : 1);
        changed.run();
    }

    private static CircuitBreakerOptions options(BatchingConfig config) {
        // The breaker counts in whole seconds.
        long window = Math.max(1_000, (config.breakerWindow().toMillis() + 999) / 1_000 * 1_000);
        return new CircuitBreakerOptions()
                .setMaxFailures(config.breakerFailures())
                .setFailuresRollingWindow(window)
                .setResetTimeout(config.breakerReset().toMillis())
                .setTimeout(-1);
    }
}
