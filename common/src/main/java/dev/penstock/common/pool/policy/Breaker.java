package dev.penstock.common.pool.policy;

import dev.penstock.common.config.BreakerConfig;
import java.util.function.DoubleSupplier;

/**
 * The circuit breaker of one instance. Closed, it opens for failures in a row or for the share of failed or slow calls
 * over a window. Open, it waits {@code reset · 2^k} (up to 20 % more by chance, so that gateways do not probe in step).
 * Half open, it lets rounds of 1, 2, 4 … probes through; a round in which fewer than 80 % succeed opens it again, and
 * after the last one it closes.
 *
 * <p>Not vertx-circuit-breaker, which batching-service uses: that lets one probe through, waits equally long each time,
 * forgets all failures at a success, and keeps its own clock and its own thread, where a pool is asked on every event
 * loop and must answer at once. Not safe for use by several threads.
 */
public final class Breaker {
    /** As shown to people, lower case. */
    public enum State {
        CLOSED,
        OPEN,
        HALF_OPEN
    }

    private static final double ROUND_SUCCEEDS = 0.8;
    private static final double JITTER = 0.2;
    /** A probe may be a stream that lasts for minutes: after this time without a result another one is let through. */
    private static final long PROBE_WAIT_NANOS = 5_000_000_000L;
    /** Closed for so long, it has forgotten that it was ever open. */
    private static final long FORGIVEN_NANOS = 60_000_000_000L;

    private final BreakerConfig rules;
    private final FailureWindow window;
    private final DoubleSupplier chance;
    private State state = State.CLOSED;
    private int epoch;
    private int inRow;
    private int vain;
    private long closedAt;
    private long opensUntil;
    private long opened;
    private int round;
    private int issued;
    private int good;
    private int bad;
    private long lastProbe;

    /** @param chance between 0 and 1, anew each time */
    public Breaker(BreakerConfig rules, DoubleSupplier chance) {
        this.rules = rules;
        this.window = new FailureWindow(rules.window().toNanos());
        this.chance = chance;
    }

    /** The state now: an open one whose time is over is half open. */
    public State state(long nowNanos) {
        if (state == State.OPEN && nowNanos - opensUntil >= 0) {
            state = State.HALF_OPEN;
            epoch++;
            startRound(1);
        }
        return state;
    }

    /** Whether a call may go out now. */
    public boolean admits(long nowNanos) {
        return switch (state(nowNanos)) {
            case CLOSED -> true;
            case OPEN -> false;
            case HALF_OPEN -> issued < round || nowNanos - lastProbe >= PROBE_WAIT_NANOS;
        };
    }

    /** Notes a call that goes out; the ticket belongs to its {@link #end}. */
    public int take(long nowNanos) {
        if (state(nowNanos) == State.HALF_OPEN) {
            issued = Math.min(round, issued + 1);
            lastProbe = nowNanos;
        }
        return epoch;
    }

    /** The end of a call. One that was started in another state says nothing about this one. */
    public void end(int ticket, Outcome outcome, long latencyNanos, long nowNanos) {
        State now = state(nowNanos);
        if (ticket != epoch || now == State.OPEN) {
            return;
        }
        if (outcome == Outcome.NEUTRAL) {
            issued = now == State.HALF_OPEN ? Math.max(good + bad, issued - 1) : issued;
            return;
        }
        boolean failed = outcome == Outcome.FAILURE || outcome == Outcome.UNREACHABLE;
        boolean slow = !rules.slow().isZero() && latencyNanos > rules.slow().toNanos();
        if (now == State.CLOSED) {
            closedEnd(failed, slow, nowNanos);
        } else {
            probeEnd(failed || slow, nowNanos);
        }
    }

    /** Starts anew, for an instance that is another one now. */
    public void reset() {
        state = State.CLOSED;
        epoch++;
        inRow = 0;
        vain = 0;
        window.clear();
    }

    /** Nanoseconds until a call may go out, as far as time decides. */
    public long backInNanos(long nowNanos) {
        return switch (state(nowNanos)) {
            case CLOSED -> 0;
            case OPEN -> opensUntil - nowNanos;
            case HALF_OPEN -> issued < round ? 0 : Math.max(0, lastProbe + PROBE_WAIT_NANOS - nowNanos);
        };
    }

    /** How often it opened. */
    public long opened() {
        return opened;
    }

    /** What the last seconds brought, for comparison with others. */
    FailureWindow.Figures figures(long nowNanos) {
        return window.figures(nowNanos);
    }

    private void closedEnd(boolean failed, boolean slow, long nowNanos) {
        if (vain > 0 && nowNanos - closedAt >= FORGIVEN_NANOS) {
            vain = 0;
        }
        window.record(failed, slow, nowNanos);
        inRow = failed ? inRow + 1 : 0;
        if (!failed && !slow) {
            return;
        }
        FailureWindow.Figures figures = window.figures(nowNanos);
        boolean enough = figures.calls() >= rules.minCalls();
        if ((rules.failures() > 0 && inRow >= rules.failures())
                || (enough && figures.failures() * 100L >= (long) rules.failurePercent() * figures.calls())
                || (enough && figures.slow() * 100L >= (long) rules.slowPercent() * figures.calls())) {
            open(nowNanos);
        }
    }

    private void probeEnd(boolean failed, long nowNanos) {
        good += failed ? 0 : 1;
        bad += failed ? 1 : 0;
        if (bad > (1 - ROUND_SUCCEEDS) * round) {
            open(nowNanos);
        } else if (good + bad >= round) {
            if (round >= rules.probes()) {
                close(nowNanos);
            } else {
                startRound(Math.min(round * 2, rules.probes()));
            }
        }
    }

    private void startRound(int probes) {
        round = probes;
        issued = 0;
        good = 0;
        bad = 0;
    }

    private void open(long nowNanos) {
        double doubled = (double) rules.reset().toNanos() * Math.pow(2, Math.min(vain, 30));
        double wait = Math.min(doubled, (double) rules.maxReset().toNanos());
        opensUntil = nowNanos + (long) (wait * (1 + JITTER * chance.getAsDouble()));
        state = State.OPEN;
        epoch++;
        vain++;
        opened++;
        inRow = 0;
        window.clear();
    }

    private void close(long nowNanos) {
        state = State.CLOSED;
        epoch++;
        closedAt = nowNanos;
        inRow = 0;
        window.clear();
    }
}
