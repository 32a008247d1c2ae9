package dev.penstock.common.pool.policy;

import dev.penstock.common.cluster.Rendezvous;
import dev.penstock.common.config.PoolConfig;
import java.time.Duration;
import java.util.function.DoubleSupplier;

/** One instance as its {@link Roster} sees it. Not safe for use by several threads. */
public final class Node {
    private static final double COLDEST = 0.1;
    private static final Duration DEFAULT_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(2);

    /** Why an instance gets no call, or that it gets some; as shown to people. */
    public enum State {
        UP,
        /** It gets a few calls, to see whether it is well again. */
        PROBING,
        /** As many calls as it may have. */
        BUSY,
        /** It asked for a pause. */
        PAUSED,
        /** Left out because it failed more than its fellows. */
        EJECTED,
        /** Its breaker is open. */
        OPEN,
        /** It could not be connected to, or its checks fail. */
        DOWN,
        /** It is no longer a member and finishes its calls. */
        LEAVING
    }

    private final String name;
    private final long hash;
    private final int capacity;
    private final double slowStartNanos;
    private final long checkNanos;
    private final PeakEwma latency = new PeakEwma();
    final Breaker breaker;
    final Upness upness;
    final Ejection ejection;
    private int weight;
    private boolean leaving;
    private int inFlight;
    private boolean paused;
    private long pausedUntil;
    private boolean warming;
    private long warmingSince;
    /** Of the smooth weighted round. */
    double turn;

    private long calls;
    private long failures;

    Node(String name, int weight, PoolConfig rules, DoubleSupplier chance) {
        this.name = name;
        this.hash = Rendezvous.hash(name);
        this.weight = weight;
        this.capacity = rules.connections().max() + rules.connections().maxWaiting();
        this.slowStartNanos = rules.slowStart().toNanos();
        this.checkNanos = rules.health().interval().toNanos();
        this.breaker = new Breaker(rules.breaker(), chance);
        this.upness = new Upness(rules.health());
        this.ejection = new Ejection(rules.outlier(), chance);
    }

    public String name() {
        return name;
    }

    public int inFlight() {
        return inFlight;
    }

    public int weight() {
        return weight;
    }

    public long calls() {
        return calls;
    }

    public long failures() {
        return failures;
    }

    /** Nanoseconds; 0 where nothing is known. */
    public double latencyNanos(long nowNanos) {
        return latency.value(nowNanos);
    }

    public State state(long nowNanos) {
        if (leaving) {
            return State.LEAVING;
        }
        if (upness.down()) {
            return State.DOWN;
        }
        Breaker.State broken = breaker.state(nowNanos);
        if (broken == Breaker.State.OPEN) {
            return State.OPEN;
        }
        if (ejection.active(nowNanos)) {
            return State.EJECTED;
        }
        if (pauseNanos(nowNanos) > 0) {
            return State.PAUSED;
        }
        return inFlight >= capacity ? State.BUSY : broken == Breaker.State.CLOSED ? State.UP : State.PROBING;
    }

    /** Whether it may take a call, its ejection aside. */
    boolean admits(long nowNanos) {
        return !leaving
                && !upness.down()
                && inFlight < capacity
                && pauseNanos(nowNanos) == 0
                && breaker.admits(nowNanos);
    }

    /** Whether it will be back by itself soon, so that a caller who belongs to it keeps belonging. */
    boolean onlyBusy(long nowNanos) {
        return switch (state(nowNanos)) {
            case UP, PROBING, BUSY, PAUSED -> true;
            case EJECTED, OPEN, DOWN, LEAVING -> false;
        };
    }

    /** Nanoseconds until it may take a call, as far as can be told. */
    long backInNanos(long nowNanos) {
        if (upness.down()) {
            return checkNanos;
        }
        return Math.max(breaker.backInNanos(nowNanos), pauseNanos(nowNanos));
    }

    /** Its weight now: a tenth when it is new, all of it after the slow start. */
    double share(long nowNanos) {
        return weight * ramp(nowNanos);
    }

    /** From 0.1 to 1. */
    double ramp(long nowNanos) {
        if (!warming) {
            return 1;
        }
        double part = slowStartNanos == 0 ? 1 : (nowNanos - warmingSince) / slowStartNanos;
        if (part >= 1) {
            warming = false;
            return 1;
        }
        return COLDEST + (1 - COLDEST) * Math.max(0, part);
    }

    InstanceChoice.Candidate candidate(long nowNanos) {
        return new InstanceChoice.Candidate(true, inFlight, latency.value(nowNanos), share(nowNanos));
    }

    /** Its place for a key: the highest of all wins (rendezvous hashing, weighted by {@code -w / ln u}). */
    double affinity(long key, double share) {
        double u = ((Rendezvous.mix(hash ^ key) >>> 11) + 0.5) * 0x1.0p-53;
        return -share / Math.log(u);
    }

    boolean leaving() {
        return leaving;
    }

    void leaving(boolean now) {
        leaving = now;
    }

    void weight(int now) {
        weight = now;
    }

    void warm(long nowNanos) {
        warming = true;
        warmingSince = nowNanos;
    }

    int take(long nowNanos) {
        inFlight++;
        calls++;
        return breaker.take(nowNanos);
    }

    void end(int ticket, Outcome outcome, long latencyNanos, long pauseNanos, long nowNanos) {
        inFlight--;
        switch (outcome) {
            case SUCCESS -> {
                if (latencyNanos > 0) {
                    latency.record(latencyNanos, nowNanos);
                }
            }
            case THROTTLED -> pause(pauseNanos, nowNanos);
            case FAILURE, UNREACHABLE -> failures++;
            case NEUTRAL -> {
                // Says nothing.
            }
        }
        Breaker.State before = breaker.state(nowNanos);
        // A server that is not there says nothing about how it will fare once it is: the checks have it now.
        breaker.end(ticket, outcome == Outcome.UNREACHABLE ? Outcome.NEUTRAL : outcome, latencyNanos, nowNanos);
        if (before == Breaker.State.HALF_OPEN && breaker.state(nowNanos) == Breaker.State.CLOSED) {
            warm(nowNanos);
        }
    }

    /** It was away and is back: likely another process, of which nothing is known. */
    void returned(long nowNanos) {
        breaker.reset();
        ejection.reset();
        warm(nowNanos);
    }

    private void pause(long nanos, long nowNanos) {
        long wanted = nanos > 0 ? Math.min(nanos, LONGEST_PAUSE.toNanos()) : DEFAULT_PAUSE.toNanos();
        if (!paused || nowNanos + wanted - pausedUntil > 0) {
            paused = true;
            pausedUntil = nowNanos + wanted;
        }
    }

    private long pauseNanos(long nowNanos) {
        if (paused && nowNanos - pausedUntil >= 0) {
            paused = false;
        }
        return paused ? pausedUntil - nowNanos : 0;
    }
}
