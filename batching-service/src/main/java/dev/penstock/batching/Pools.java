package dev.penstock.batching;

import dev.penstock.common.bus.CallContext;
import dev.penstock.common.cluster.Membership;
import dev.penstock.common.config.BatchingConfig;
import dev.penstock.common.config.ModelConfig;
import dev.penstock.common.config.PenstockConfig;
import dev.penstock.common.contract.Ack;
import dev.penstock.common.contract.BatchContract;
import dev.penstock.common.contract.BatchContract.Cancel;
import dev.penstock.common.contract.BatchContract.Inspect;
import dev.penstock.common.contract.BatchContract.Lease;
import dev.penstock.common.contract.BatchContract.Leased;
import dev.penstock.common.contract.BatchContract.Release;
import dev.penstock.common.contract.BatchContract.Renew;
import dev.penstock.common.contract.BatchContract.Renewed;
import dev.penstock.common.contract.BatchContract.Submit;
import dev.penstock.common.contract.BatchContract.SubmitReply;
import dev.penstock.common.contract.Operation;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.service.Role;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pools that this member owns, and what the contract's calls do with them. Lives on one event loop.
 *
 * <p>A pool is made by the first call about its model. When the ownership moves on, the old owner takes nothing new,
 * finishes what it has, and forgets the pool.
 */
final class Pools {
    private static final Logger log = LoggerFactory.getLogger(Pools.class);

    private final PoolRuntime runtime;
    private final Membership membership;
    private final Map<String, ModelConfig> models = new HashMap<>();
    private final Map<String, PoolMetrics> metrics;
    private final Map<String, Pool> pools = new HashMap<>();
    private boolean draining;

    /** @param metrics of every model in {@code models} */
    Pools(PoolRuntime runtime, Membership membership, List<ModelConfig> models, Map<String, PoolMetrics> metrics) {
        this.runtime = runtime;
        this.membership = membership;
        this.metrics = metrics;
        models.forEach(model -> this.models.put(model.name(), model));
    }

    Future<SubmitReply> submit(Submit request, CallContext context) {
        return owned(request.model(), request.operation(), true, pool -> pool.submit(request, context.deadline()));
    }

    Future<Leased> lease(Lease request, CallContext context) {
        return owned(request.model(), request.operation(), false, pool -> pool.lease(request, context.deadline()));
    }

    Future<Renewed> renew(Renew request, CallContext context) {
        List<Long> unknown = new ArrayList<>();
        for (Long lease : request.leases()) {
            if (pools.values().stream().noneMatch(pool -> pool.renew(lease, request.gateway()))) {
                unknown.add(lease);
            }
        }
        return Future.succeededFuture(new Renewed(unknown));
    }

    Future<Ack> release(Release request, CallContext context) {
        Pool pool = pools.get(request.model());
        if (pool != null) {
            pool.release(request);
        }
        return Future.succeededFuture(Ack.OK);
    }

    Future<Ack> cancel(Cancel request, CallContext context) {
        Pool pool = pools.get(request.model());
        if (pool != null) {
            pool.cancel(request);
        }
        return Future.succeededFuture(Ack.OK);
    }

    Future<BatchContract.Pools> inspect(Inspect request, CallContext context) {
        List<BatchContract.Pool> owned = pools.entrySet().stream()
                .filter(pool -> owns(pool.getKey()))
                .map(pool -> pool.getValue().inspect())
                .toList();
        return Future.succeededFuture(new BatchContract.Pools(membership.self(), owned));
    }

    /**
     * Goes over to another configuration. What waits for a model that is gone is refused; what is in flight ends.
     *
     * @param next {@link #metrics} has all of its models
     */
    void follow(PenstockConfig next) {
        BatchingConfig before = runtime.config();
        runtime.config(next.batching());
        models.clear();
        next.models().forEach(model -> models.put(model.name(), model));
        pools.forEach((name, pool) -> {
            ModelConfig model = models.get(name);
            if (model == null) {
                log.info("pool {} is gone from the configuration", name);
                pool.refuseWaiting(unknown(name));
            } else {
                pool.follow(model, before, next.batching());
            }
        });
    }

    void gatewaysLeft(Set<String> gone) {
        pools.values().forEach(pool -> pool.gatewaysLeft(gone::contains));
    }

    /** Refuses what became too late, and forgets pools that moved and are empty. */
    void sweep() {
        pools.values().forEach(Pool::sweep);
        pools.entrySet().removeIf(pool -> {
            boolean gone = !models.containsKey(pool.getKey());
            boolean over = !draining && pool.getValue().idle() && (gone || !owns(pool.getKey()));
            if (over) {
                log.info("pool {} {}", pool.getKey(), gone ? "is closed" : "has moved to another member");
                pool.getValue().close(gone ? unknown(pool.getKey()) : moved(pool.getKey()));
            }
            return over;
        });
    }

    void lapse() {
        pools.values().forEach(Pool::lapse);
    }

    /** Takes nothing new from now on. */
    void drain() {
        draining = true;
    }

    boolean idle() {
        return pools.values().stream().allMatch(Pool::idle);
    }

    void close() {
        draining = true;
        pools.forEach((model, pool) -> pool.close(moved(model)));
        pools.clear();
    }

    private <R> Future<R> owned(String name, Operation operation, boolean merged, Function<Pool, Future<R>> work) {
        ModelConfig model = models.get(name);
        Fault refusal = refusal(name, model, operation, merged);
        if (refusal != null || model == null) {
            return Future.failedFuture(refusal == null ? moved(name) : refusal);
        }
        PoolMetrics own = metrics.get(name);
        return own == null
                ? Future.failedFuture(unknown(name)) // it is just leaving the configuration
                : work.apply(pools.computeIfAbsent(name, n -> open(model, own)));
    }

    private @Nullable Fault refusal(String name, @Nullable ModelConfig model, Operation operation, boolean merged) {
        if (model == null) {
            return unknown(name);
        }
        if (!model.can(operation)) {
            return Fault.invalid("model", "The model " + name + " does not do " + operation.label() + ".");
        }
        if (merged && !operation.mergeable()) {
            return Fault.of(FaultCode.INVALID_REQUEST, "Calls for " + operation.label() + " cannot be merged.");
        }
        return draining || !owns(name) ? moved(name) : null;
    }

    private Pool open(ModelConfig model, PoolMetrics own) {
        log.info("this member owns pool {}", model.name());
        // 31 random bits above a counter: leases of an earlier owner are never taken for ours.
        long firstLease = (long) ThreadLocalRandom.current().nextInt(Integer.MAX_VALUE) << 32;
        return new Pool(model, runtime, own, firstLease);
    }

    private boolean owns(String model) {
        return membership
                .owner(Role.BATCHING, model)
                .filter(membership.self()::equals)
                .isPresent();
    }

    private static Fault unknown(String model) {
        return Fault.of(FaultCode.MODEL_NOT_FOUND, "The model " + model + " is not configured.");
    }

    private static Fault moved(String model) {
        return Fault.of(FaultCode.MEMBER_LOST, "Another member owns the pool of model " + model + " now.");
    }
}
