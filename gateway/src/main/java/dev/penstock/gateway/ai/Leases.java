package dev.penstock.gateway.ai;

import dev.penstock.common.bus.Bus;
import dev.penstock.common.bus.CallContext;
import dev.penstock.common.cluster.Membership;
import dev.penstock.common.contract.BatchContract;
import dev.penstock.common.contract.BatchContract.CallEnd;
import dev.penstock.common.contract.BatchContract.Lease;
import dev.penstock.common.contract.BatchContract.Leased;
import dev.penstock.common.contract.BatchContract.Release;
import dev.penstock.common.contract.BatchContract.Renew;
import dev.penstock.common.contract.Usage;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.service.Role;
import dev.penstock.common.time.Deadline;
import dev.penstock.common.time.Ticker;
import dev.penstock.gateway.policy.PoolMove;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The slots that this gateway holds on instances: renewed together by one timer, given back on every path. Bounded by
 * the calls in flight. Safe for use by many event loops.
 */
public final class Leases {
    private static final Logger log = LoggerFactory.getLogger(Leases.class);
    private static final Duration RELEASE_TIME = Duration.ofSeconds(5);

    private final Vertx vertx;
    private final Bus bus;
    private final Membership membership;
    private final Ticker ticker;
    private final long renewMillis;
    private final Map<String, Set<Long>> held = new ConcurrentHashMap<>();
    private volatile boolean closed;

    /** A slot, and the member that granted it. */
    public record Grant(String owner, Leased leased) {}

    /** How a leased call went, for the instance's record. */
    public record Report(CallEnd end, long latencyNanos, long firstByteNanos, long retryAfterMillis, Usage usage) {
        /** A call that says nothing about the instance. */
        public static final Report NEUTRAL = new Report(CallEnd.NEUTRAL, 0, 0, 0, Usage.NONE);
    }

    public Leases(Vertx vertx, Bus bus, Membership membership, Ticker ticker, Duration renewal) {
        this.vertx = vertx;
        this.bus = bus;
        this.membership = membership;
        this.ticker = ticker;
        this.renewMillis = Math.max(1, renewal.toMillis());
    }

    /** Begins to renew. */
    public void start() {
        vertx.setTimer(renewMillis, id -> renew());
    }

    public void close() {
        closed = true;
    }

    /**
     * Asks the pool's owner for a slot; waits in its bounded queue at most as long as the caller does. A pool that moves to
     * another member meanwhile is followed: nothing was sent to an instance yet.
     */
    public Future<Grant> acquire(Lease wish, CallContext call) {
        return acquire(wish, call, 1);
    }

    private Future<Grant> acquire(Lease wish, CallContext call, int tries) {
        String owner = owner(wish);
        if (owner == null) {
            return Future.failedFuture(Fault.retryLater(
                    FaultCode.UNAVAILABLE,
                    "No batching service is up; one is expected back within seconds.",
                    Duration.ofSeconds(1)));
        }
        return bus.call(BatchContract.LEASE, owner, wish, call).transform(result -> {
            if (result.succeeded()) {
                Leased leased = result.result();
                held.computeIfAbsent(owner, member -> ConcurrentHashMap.newKeySet())
                        .add(leased.lease());
                return Future.succeededFuture(new Grant(owner, leased));
            }
            Fault fault = Fault.from(result.cause());
            long pause = PoolMove.pauseMillis(fault, tries, owner, owner(wish));
            return pause < 0
                    ? Future.failedFuture(fault)
                    : vertx.timer(pause, TimeUnit.MILLISECONDS).compose(waited -> acquire(wish, call, tries + 1));
        });
    }

    private @Nullable String owner(Lease wish) {
        return membership.owner(Role.BATCHING, wish.model()).orElse(null);
    }

    /** Gives a slot back; does not wait. */
    public void release(Grant grant, Report report, String correlationId) {
        Leased leased = grant.leased();
        Set<Long> ours = held.get(grant.owner());
        if (ours != null) {
            ours.remove(leased.lease());
        }
        Release message = new Release(
                leased.model(),
                leased.lease(),
                leased.instance(),
                report.end(),
                report.latencyNanos(),
                report.firstByteNanos(),
                report.retryAfterMillis(),
                report.usage());
        CallContext call = new CallContext(correlationId, null, Deadline.after(ticker.nanos(), RELEASE_TIME));
        bus.call(BatchContract.RELEASE, grant.owner(), message, call)
                .onFailure(e -> log.debug("lease {} lapses by itself: {}", leased.lease(), e.getMessage()));
    }

    private void renew() {
        if (closed) {
            return;
        }
        held.forEach(this::renew);
        vertx.setTimer(renewMillis, id -> renew());
    }

    private void renew(String owner, Set<Long> leases) {
        if (!membership.live(Role.BATCHING).contains(owner)) {
            held.remove(owner);
            return;
        }
        if (leases.isEmpty()) {
            return;
        }
        CallContext call = CallContext.internal("renew", ticker.nanos(), Duration.ofMillis(renewMillis));
        bus.call(BatchContract.RENEW, owner, new Renew(membership.self(), List.copyOf(leases)), call)
                .onSuccess(renewed -> renewed.unknown().forEach(leases::remove))
                .onFailure(e -> log.debug("leases at {} were not renewed: {}", owner, e.getMessage()));
    }
}
