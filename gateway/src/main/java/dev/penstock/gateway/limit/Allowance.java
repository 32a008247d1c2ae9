package dev.penstock.gateway.limit;

import dev.penstock.gateway.limit.LimitMetrics.By;
import dev.penstock.gateway.limit.LimitScript.Part;
import dev.penstock.gateway.limit.LimitScript.Reply;
import dev.penstock.gateway.policy.ArrivalRate;
import dev.penstock.gateway.policy.Lease;
import dev.penstock.gateway.policy.LeaseSize;
import dev.penstock.gateway.policy.OperationClass;
import dev.penstock.gateway.policy.WindowSet.Decision;
import dev.penstock.gateway.policy.WindowSet.Limit;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * All limits that hold for one kind of call of one caller, as far as this gateway knows them. {@link #now()} decides from
 * memory: under a lease, under a refusal that still holds, or alone while Redis is away. Else {@link #ask()} asks Redis, once
 * for all calls that come meanwhile. Safe for many event loops.
 */
public final class Allowance {
    /** How long a lease may be used. */
    static final long LIFE_MILLIS = 150;

    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final long MICROS_PER_MILLI = 1_000;
    /** More calls than this that wait for one answer of Redis are decided here. */
    private static final int MOST_WAITING = 2_000;

    private final Limiter limiter;
    private final OperationClass operationClass;
    private final List<Counter> counters;
    private final List<Limit> limits = new ArrayList<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Lease lease = new Lease();
    private final ArrivalRate rate = new ArrivalRate();
    private final ArrayDeque<Promise<Decision>> waiting = new ArrayDeque<>();
    private boolean asking;
    /** Of the lease, on Redis's clock and on ours. */
    private long takenMicros;

    private long untilMillis;
    private long takenHere;
    private long untilHere;
    /** What Redis said last. */
    private Decision last = new Decision(true, 0, 0, 0, 0, "");

    private long lastNanos;

    Allowance(Limiter limiter, OperationClass operationClass, List<Counter> counters) {
        this.limiter = limiter;
        this.operationClass = operationClass;
        this.counters = List.copyOf(counters);
        counters.forEach(counter -> limits.addAll(counter.limits()));
    }

    boolean limitsNothing() {
        return counters.isEmpty();
    }

    /** Decides about one call from memory and counts it if it is admitted; null where only Redis knows. */
    public @Nullable Decision now() {
        if (!limiter.counted()) {
            return alone();
        }
        long now = limiter.nanos();
        lock.lock();
        try {
            rate.note(now);
            if (asking) {
                return null;
            }
            return switch (lease.take(now)) {
                case ADMIT -> admitted(now, lease.left(), By.LEASE);
                case REFUSE -> refused(now, By.MEMORY);
                case ASK -> null;
            };
        } finally {
            lock.unlock();
        }
    }

    /** Decides about one call that {@link #now()} could not decide. Never fails; completes on the caller's context. */
    public Future<Decision> ask() {
        ContextInternal context = ContextInternal.current();
        Promise<Decision> promise = context == null ? Promise.promise() : context.promise();
        boolean first;
        lock.lock();
        try {
            if (waiting.size() >= MOST_WAITING) {
                return Future.succeededFuture(alone());
            }
            waiting.add(promise);
            first = !asking;
            asking = true;
        } finally {
            lock.unlock();
        }
        if (first) {
            send();
        }
        return promise.future();
    }

    /** Gives a lease back that nobody used in time. */
    void sweep() {
        long now = limiter.nanos();
        List<Part> parts;
        lock.lock();
        try {
            if (asking) {
                return;
            }
            if (lease.left() > 0 && !lease.lapsed(now)) {
                return;
            }
            limiter.leased(this, false);
            if (lease.left() == 0) {
                return;
            }
            parts = parts(lease.close());
        } finally {
            lock.unlock();
        }
        limiter.ask(parts, 0, 0, 0);
    }

    private void send() {
        List<Part> parts;
        long need;
        long want;
        long sent = limiter.nanos();
        lock.lock();
        try {
            need = waiting.size();
            long most = LeaseSize.most(limits, limiter.gateways());
            want = most <= 1 ? need : Math.max(need, Math.min(most, rate.expected()));
            parts = parts(lease.close());
        } finally {
            lock.unlock();
        }
        long life = want > need ? LIFE_MILLIS : 0;
        limiter.ask(parts, need, want, life).onComplete(result -> {
            if (result.succeeded()) {
                answered(result.result(), sent, life);
            } else {
                failed();
            }
        });
    }

    private List<Part> parts(long unused) {
        List<Part> parts = new ArrayList<>(counters.size());
        if (unused > 0) {
            limiter.metrics().returned(unused);
        }
        for (Counter counter : counters) {
            if (unused > 0) {
                long here = limiter.nanos() / NANOS_PER_MILLI;
                counter.giveBack(here, takenHere, untilHere, unused);
                parts.add(new Part(counter, 1, -unused, untilMillis, takenMicros));
            } else {
                parts.add(Part.of(counter, 1));
            }
        }
        return parts;
    }

    private void answered(Reply reply, long sent, long life) {
        List<Promise<Decision>> served = new ArrayList<>();
        List<Decision> decisions = new ArrayList<>();
        boolean again;
        long now = limiter.nanos();
        lock.lock();
        try {
            remember(reply, now);
            if (reply.admitted() == 0) {
                lease.refused(now, reply.waitMillis());
            } else {
                taken(reply, now, life);
                long left = reply.admitted();
                while (reply.delayMillis() == 0 && left > 0 && !waiting.isEmpty()) {
                    left--;
                    served.add(waiting.remove());
                    decisions.add(admitted(now, left, By.REDIS));
                }
                long delay = reply.delayMillis() * NANOS_PER_MILLI;
                lease.granted(left, now + delay, sent + delay + life * NANOS_PER_MILLI);
                if (left > 0) {
                    limiter.leased(this, true);
                    limiter.metrics().leased(left);
                }
            }
            boolean later = reply.admitted() == 0 || reply.delayMillis() > 0;
            while (later && !waiting.isEmpty()) {
                if (reply.admitted() > 0) {
                    lease.take(now);
                }
                served.add(waiting.remove());
                decisions.add(refused(now, By.REDIS));
            }
            again = !waiting.isEmpty();
            asking = again;
        } finally {
            lock.unlock();
        }
        for (int i = 0; i < served.size(); i++) {
            served.get(i).complete(decisions.get(i));
        }
        if (again) {
            send();
        }
    }

    private void taken(Reply reply, long now, long life) {
        long lasts = reply.delayMillis() + life;
        takenMicros = reply.micros();
        untilMillis = reply.micros() / MICROS_PER_MILLI + lasts;
        takenHere = now / NANOS_PER_MILLI;
        untilHere = takenHere + lasts;
        counters.forEach(counter -> counter.note(takenHere, untilHere, reply.admitted()));
    }

    private void failed() {
        List<Promise<Decision>> served;
        lock.lock();
        try {
            served = List.copyOf(waiting);
            waiting.clear();
            asking = false;
        } finally {
            lock.unlock();
        }
        served.forEach(promise -> promise.complete(alone()));
    }

    private void remember(Reply reply, long now) {
        Limit limit = counters.get(reply.part()).limits().get(reply.limit());
        last = new Decision(
                reply.admitted() > 0, limit.most(), reply.remaining(), reply.resetMillis(), 0, limit.window());
        lastNanos = now;
    }

    private Decision admitted(long now, long unused, By by) {
        limiter.metrics().decided(operationClass, by, true);
        return new Decision(true, last.limit(), last.remaining() + unused, resetMillis(now), 0, last.window());
    }

    private Decision refused(long now, By by) {
        limiter.metrics().decided(operationClass, by, false);
        return new Decision(false, last.limit(), 0, resetMillis(now), lease.retryMillis(now), last.window());
    }

    private long resetMillis(long now) {
        return Math.max(0, last.resetMillis() - (now - lastNanos) / NANOS_PER_MILLI);
    }

    /** This gateway's share decides: each subject's, one after the other, given back where a later one refuses. */
    private Decision alone() {
        long now = limiter.nanos() / NANOS_PER_MILLI;
        Decision tightest = null;
        for (int i = 0; i < counters.size(); i++) {
            Decision decision = counters.get(i).decide(now, 1, limiter.gateways(), limiter.shared());
            if (!decision.admitted()) {
                for (int earlier = 0; earlier < i; earlier++) {
                    counters.get(earlier).undo(now, 1);
                }
                limiter.metrics().decided(operationClass, By.SHARE, false);
                return decision;
            }
            if (tightest == null || decision.remaining() < tightest.remaining()) {
                tightest = decision;
            }
        }
        limiter.metrics().decided(operationClass, By.SHARE, true);
        return tightest == null ? last : tightest;
    }
}
