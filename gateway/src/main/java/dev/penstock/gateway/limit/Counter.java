package dev.penstock.gateway.limit;

import dev.penstock.gateway.policy.WindowSet;
import dev.penstock.gateway.policy.WindowSet.Decision;
import dev.penstock.gateway.policy.WindowSet.Limit;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The limits of one subject under one rule: its key in Redis, and the same windows in this heap, which count along what this
 * gateway was given, so that an outage begins with that. Safe for many event loops.
 */
final class Counter {
    private final String key;
    private final List<Limit> limits;
    private final WindowSet local;
    private final ReentrantLock lock = new ReentrantLock();
    /** Admitted here while Redis was away and not told to it yet. */
    private long untold;

    Counter(String key, List<Limit> limits) {
        this.key = key;
        this.limits = limits;
        this.local = new WindowSet(limits);
    }

    String key() {
        return key;
    }

    List<Limit> limits() {
        return limits;
    }

    /** Decides alone, with this gateway's share. */
    Decision decide(long nowMillis, long cost, int gateways, boolean tell) {
        lock.lock();
        try {
            Decision decision = local.decide(nowMillis, cost, gateways);
            if (decision.admitted() && tell) {
                untold += cost;
            }
            return decision;
        } finally {
            lock.unlock();
        }
    }

    void note(long nowMillis, long untilMillis, long cost) {
        lock.lock();
        try {
            local.note(nowMillis, untilMillis, cost);
        } finally {
            lock.unlock();
        }
    }

    void giveBack(long nowMillis, long takenMillis, long untilMillis, long cost) {
        lock.lock();
        try {
            local.giveBack(nowMillis, takenMillis, untilMillis, cost);
        } finally {
            lock.unlock();
        }
    }

    /** Takes {@link #decide} back. */
    void undo(long nowMillis, long cost) {
        lock.lock();
        try {
            local.giveBack(nowMillis, nowMillis, nowMillis, cost);
            untold = Math.max(0, untold - cost);
        } finally {
            lock.unlock();
        }
    }

    /** What Redis has to hear about, once. */
    long takeUntold() {
        lock.lock();
        try {
            long told = untold;
            untold = 0;
            return told;
        } finally {
            lock.unlock();
        }
    }

    /** Redis has to hear about {@code cost} with the next call; what was to be told before shrinks by a negative one. */
    void tell(long cost) {
        lock.lock();
        try {
            untold = Math.max(0, untold + cost);
        } finally {
            lock.unlock();
        }
    }
}
