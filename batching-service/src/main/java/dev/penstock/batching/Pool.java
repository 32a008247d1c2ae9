package dev.penstock.batching;

import dev.penstock.batching.policy.ServiceTime;
import dev.penstock.common.config.BatchingConfig;
import dev.penstock.common.config.ModelConfig;
import dev.penstock.common.contract.BatchContract;
import dev.penstock.common.contract.BatchContract.Cancel;
import dev.penstock.common.contract.BatchContract.Lease;
import dev.penstock.common.contract.BatchContract.Leased;
import dev.penstock.common.contract.BatchContract.Release;
import dev.penstock.common.contract.BatchContract.Submit;
import dev.penstock.common.contract.BatchContract.SubmitReply;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.time.Deadline;
import io.vertx.core.Future;
import java.util.function.Predicate;

/**
 * Everything about one model, while this member owns it: its instances, its lanes, its leases. Lives on one event loop.
 *
 * <p>Whatever changes (work comes, a slot is given back, a breaker moves) wakes the pool, and it goes round once in the
 * next turn of the loop until nothing more can start. One turn later, not at once: what came in together leaves
 * together, for the price of some microseconds.
 */
final class Pool {
    private final String model;
    private final PoolRuntime runtime;
    private final Fleet fleet;
    private final Lanes lanes;
    private final LeaseDesk desk;
    private boolean awake;
    private boolean closed;

    Pool(ModelConfig model, PoolRuntime runtime, PoolMetrics metrics, long firstLease) {
        this.model = model.name();
        this.runtime = runtime;
        this.fleet = new Fleet(model, runtime, metrics, this::wake);
        this.lanes = new Lanes(model, runtime, fleet, metrics, this::wake);
        this.desk = new LeaseDesk(model.name(), runtime, fleet, firstLease, this::wake);
    }

    Future<SubmitReply> submit(Submit request, Deadline deadline) {
        long now = now();
        Fault away = fleet.away(now);
        if (away != null) {
            return Future.failedFuture(away);
        }
        wake();
        return lanes.submit(request, now, deadline.atNanos());
    }

    Future<Leased> lease(Lease request, Deadline deadline) {
        long now = now();
        Fault away = fleet.away(now);
        return away != null ? Future.failedFuture(away) : desk.lease(request, now, deadline.atNanos());
    }

    boolean renew(long lease, String gateway) {
        return desk.renew(lease, gateway, now());
    }

    void release(Release release) {
        desk.release(release, now());
    }

    void cancel(Cancel cancel) {
        lanes.cancel(cancel.gateway(), cancel.submission());
        desk.cancel(cancel.gateway(), cancel.submission());
    }

    void gatewaysLeft(Predicate<String> gone) {
        lanes.gatewaysLeft(gone);
        desk.gatewaysLeft(gone);
    }

    /** Refuses what became too late. */
    void sweep() {
        long now = now();
        lanes.sweep(now);
        desk.sweep(now);
    }

    /** Ends leases that nobody renews. */
    void lapse() {
        desk.lapse(now());
    }

    /** Whether nothing waits and no merged call is in flight. Leases do not count: their gateways carry on alone. */
    boolean idle() {
        return lanes.idle() && desk.waiting() == 0;
    }

    /** Goes over to other instances and terms; what waits and what is in flight goes on. */
    void follow(ModelConfig next, BatchingConfig before, BatchingConfig batching) {
        fleet.follow(next, before, batching);
        lanes.follow(next, batching);
        wake();
    }

    /** Refuses what waits; what is in flight goes on. */
    void refuseWaiting(Fault why) {
        lanes.refuseAll(why);
        desk.refuseAll(why);
    }

    /** Refuses what waits; for the end of the process. */
    void close(Fault why) {
        closed = true;
        refuseWaiting(why);
        fleet.close();
    }

    BatchContract.Pool inspect() {
        CallRunner runner = lanes.runner();
        ServiceTime fit = runner.fit().current();
        return new BatchContract.Pool(
                model,
                runner.calls(),
                runner.items(),
                lanes.queued() + desk.waiting(),
                fleet.inFlight(),
                runner.sizes(),
                fit == null || !fit.sloped() ? null : fit.baseNanos() / 1e6,
                fit == null || !fit.sloped() ? null : fit.perItemNanos() / 1e6,
                fleet.inspect(now()));
    }

    private void wake() {
        if (!awake && !closed) {
            awake = true;
            runtime.loop().runOnContext(v -> {
                awake = false;
                goRound();
            });
        }
    }

    private void goRound() {
        long now = now();
        Fault away = fleet.away(now);
        if (away != null) {
            refuseWaiting(away);
            return;
        }
        // In turns, so that neither kind of work can keep the other from an instance that both use.
        boolean more = true;
        while (more) {
            boolean granted = desk.grantOne(now);
            boolean sent = lanes.sendOne(now);
            more = granted || sent;
        }
    }

    private long now() {
        return runtime.ticker().nanos();
    }
}
