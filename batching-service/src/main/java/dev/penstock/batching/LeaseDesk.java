package dev.penstock.batching;

import dev.penstock.batching.policy.FairQueue;
import dev.penstock.batching.policy.QueueEstimate;
import dev.penstock.common.contract.BatchContract.CallEnd;
import dev.penstock.common.contract.BatchContract.Lease;
import dev.penstock.common.contract.BatchContract.Leased;
import dev.penstock.common.contract.BatchContract.Release;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Slots for work that a gateway does itself: granted, renewed, given back, or lapsed. Lives on the pool's event loop.
 * Those who wait stand in a {@link FairQueue} that is bounded by {@code batching.max-queue}; leases are bounded by the
 * instances' {@code max-concurrency}.
 */
final class LeaseDesk {
    private static final Logger log = LoggerFactory.getLogger(LeaseDesk.class);
    private static final double HELD_GAIN = 0.1;

    private static final class Waiter {
        private final Lease request;
        private final long sinceNanos;
        private final Promise<Leased> promise = Promise.promise();

        private Waiter(Lease request, long sinceNanos) {
            this.request = request;
            this.sinceNanos = sinceNanos;
        }
    }

    private static final class Granted {
        private final PoolInstance.Slot slot;
        private final String gateway;
        private final long sinceNanos;
        private long renewedNanos;

        private Granted(PoolInstance.Slot slot, String gateway, long nowNanos) {
            this.slot = slot;
            this.gateway = gateway;
            this.sinceNanos = nowNanos;
            this.renewedNanos = nowNanos;
        }
    }

    private final String model;
    private final PoolRuntime runtime;
    private final Fleet fleet;
    private final Runnable wake;
    private final FairQueue<Waiter> waiting = new FairQueue<>();
    private final Map<Long, Granted> leases = new HashMap<>();
    private long lastId;
    private double heldNanos;

    /** @param firstId leases count up from here: such that no other pool, also of another member, uses the same */
    LeaseDesk(String model, PoolRuntime runtime, Fleet fleet, long firstId, Runnable wake) {
        this.model = model;
        this.runtime = runtime;
        this.fleet = fleet;
        this.lastId = firstId;
        this.wake = wake;
    }

    Future<Leased> lease(Lease request, long nowNanos, long deadlineNanos) {
        Waiter waiter = new Waiter(request, nowNanos);
        PoolInstance instance = waiting.isEmpty() ? fleet.forLease(request.exclude(), nowNanos) : null;
        if (instance != null) {
            return Future.succeededFuture(grant(waiter, instance, nowNanos));
        }
        int ahead = waiting.ahead(request.priority());
        long estimate = QueueEstimate.leaseNanos(ahead + 1, fleet.capacity(nowNanos), heldNanos);
        if (waiting.size() >= runtime.config().maxQueue()) {
            return Future.failedFuture(overloaded("The queue of model " + model + " is full.", estimate));
        }
        if (estimate > deadlineNanos - nowNanos) {
            return Future.failedFuture(
                    overloaded("A slot would come free after the time for this request is spent.", estimate));
        }
        var _ = waiting.offer(waiter, request.priority(), request.tenant(), 1, nowNanos, deadlineNanos);
        return waiter.promise.future();
    }

    /** Grants a slot to whoever goes next; false where nobody waits or nothing is free. */
    boolean grantOne(long nowNanos) {
        FairQueue.Entry<Waiter> next = waiting.peek();
        if (next != null && next.deadline() - nowNanos <= 0) {
            // Nobody would use the slot, nor give it back: it would be lost until it lapses.
            waiting.poll();
            next.value().promise.fail(spent());
            return true;
        }
        PoolInstance instance =
                next == null ? null : fleet.forLease(next.value().request.exclude(), nowNanos);
        if (next == null || instance == null) {
            return false;
        }
        waiting.poll();
        next.value().promise.complete(grant(next.value(), instance, nowNanos));
        return true;
    }

    /** False if the lease is not known here. */
    boolean renew(long lease, String gateway, long nowNanos) {
        Granted granted = leases.get(lease);
        if (granted == null || !granted.gateway.equals(gateway)) {
            return false;
        }
        granted.renewedNanos = nowNanos;
        return true;
    }

    /** Books the outcome, also of a lease that lapsed or that another owner gave: it says something about the instance. */
    void release(Release release, long nowNanos) {
        long sample = release.firstByteNanos() > 0 ? release.firstByteNanos() : release.latencyNanos();
        Granted granted = leases.remove(release.lease());
        if (granted == null) {
            PoolInstance instance = fleet.find(release.instance());
            if (instance != null) {
                instance.observe(release.end(), sample, release.retryAfterMillis());
            }
        } else {
            long held = nowNanos - granted.sinceNanos;
            heldNanos = heldNanos == 0 ? held : heldNanos + HELD_GAIN * (held - heldNanos);
            granted.slot.giveBack(release.end(), sample, release.retryAfterMillis());
        }
        judge(release, nowNanos);
    }

    /** Ends leases that were not renewed twice in a row. */
    void lapse(long nowNanos) {
        long patience = 2 * runtime.config().leaseRenewal().toNanos();
        end("not renewed", granted -> nowNanos - granted.renewedNanos > patience);
    }

    void gatewaysLeft(Predicate<String> gone) {
        end("their gateway left", granted -> gone.test(granted.gateway));
        cancelled(waiter -> gone.test(waiter.request.gateway()));
    }

    void cancel(String gateway, String submission) {
        cancelled(waiter -> waiter.request.gateway().equals(gateway)
                && waiter.request.submission().equals(submission));
    }

    /** Refuses those whose time is spent. */
    void sweep(long nowNanos) {
        waiting.removeIf(entry -> entry.deadline() - nowNanos <= 0).forEach(waiter -> waiter.promise.fail(spent()));
    }

    void refuseAll(Fault why) {
        waiting.removeIf(entry -> true).forEach(waiter -> waiter.promise.fail(why));
    }

    int waiting() {
        return waiting.size();
    }

    private Leased grant(Waiter waiter, PoolInstance instance, long nowNanos) {
        long id = ++lastId;
        leases.put(id, new Granted(instance.take(false, nowNanos), waiter.request.gateway(), nowNanos));
        return new Leased(
                id,
                model,
                instance.name(),
                nowNanos - waiter.sinceNanos,
                runtime.config().leaseRenewal().toMillis());
    }

    private void judge(Release release, long nowNanos) {
        PoolInstance instance = release.end() == CallEnd.FAILURE ? fleet.find(release.instance()) : null;
        if (instance != null) {
            fleet.judge(instance, nowNanos);
        }
    }

    private void end(String why, Predicate<Granted> which) {
        int ended = 0;
        for (Map.Entry<Long, Granted> lease : List.copyOf(leases.entrySet())) {
            if (which.test(lease.getValue())) {
                log.debug("lease {} of {} ends: {}", lease.getKey(), model, why);
                leases.remove(lease.getKey());
                lease.getValue().slot.giveBack(CallEnd.NEUTRAL, 0, 0);
                ended++;
            }
        }
        if (ended > 0) {
            // One line however many: a gateway may leave with thousands.
            log.info("{} leases of {} end: {}", ended, model, why);
            wake.run();
        }
    }

    private void cancelled(Predicate<Waiter> which) {
        Fault cancelled = Fault.of(FaultCode.CANCELLED, "The caller went away.");
        waiting.removeIf(entry -> which.test(entry.value())).forEach(waiter -> waiter.promise.fail(cancelled));
    }

    private static Fault spent() {
        return Fault.of(FaultCode.TIMEOUT, "No slot came free within the time for this request.");
    }

    private static Fault overloaded(String message, long estimateNanos) {
        long millis = Math.clamp(estimateNanos / 1_000_000, 100, 60_000);
        return Fault.retryLater(FaultCode.OVERLOADED, message, Duration.ofMillis(millis));
    }
}
