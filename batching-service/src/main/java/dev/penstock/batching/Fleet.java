package dev.penstock.batching;

import dev.penstock.common.config.BatchingConfig;
import dev.penstock.common.config.InstanceConfig;
import dev.penstock.common.config.ModelConfig;
import dev.penstock.common.contract.BatchContract.Instance;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.pool.policy.InstanceChoice;
import dev.penstock.common.pool.policy.InstanceChoice.Candidate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The instances of one model and the choice among them. Lives on the pool's event loop. */
final class Fleet {
    /** Work waits through a pause this short; a longer one is refused, so that the caller can go elsewhere. */
    private static final long SHORT_PAUSE_NANOS = 2_000_000_000L;

    private final String model;
    private final PoolRuntime runtime;
    private final PoolMetrics metrics;
    private final Runnable changed;
    private List<PoolInstance> instances = new ArrayList<>();
    private int turn;

    Fleet(ModelConfig model, PoolRuntime runtime, PoolMetrics metrics, Runnable changed) {
        this.model = model.name();
        this.runtime = runtime;
        this.metrics = metrics;
        this.changed = changed;
        model.instances().forEach(config -> instances.add(made(config)));
    }

    private PoolInstance made(InstanceConfig config) {
        return new PoolInstance(config, model, runtime, metrics, changed);
    }

    /**
     * Goes over to other instances. One that stays keeps what was learned of it; calls in flight on one that goes end
     * where they are.
     */
    void follow(ModelConfig next, BatchingConfig before, BatchingConfig batching) {
        List<PoolInstance> gone = new ArrayList<>(instances);
        List<PoolInstance> now = new ArrayList<>();
        for (InstanceConfig config : next.instances()) {
            PoolInstance known = find(config.name());
            if (known != null && known.sameAs(config)) {
                known.follow(config, before, batching);
                gone.remove(known);
                now.add(known);
            }
        }
        gone.forEach(PoolInstance::close);
        for (int i = 0; i < next.instances().size(); i++) {
            InstanceConfig config = next.instances().get(i);
            if (i >= now.size() || !now.get(i).name().equals(config.name())) {
                now.add(i, made(config));
            }
        }
        instances = now;
    }

    /**
     * The instance for a leased call, or null if none is free. One of {@code exclude} only where no other is available.
     */
    @Nullable
    PoolInstance forLease(Collection<String> exclude, long nowNanos) {
        boolean others = othersAvailable(exclude, nowNanos);
        return choose(instance -> instance.free(nowNanos) && !(others && exclude.contains(instance.name())), nowNanos);
    }

    /** The instance for a merged call that was not tried on {@code exclude}; null if none of the others is free. */
    @Nullable
    PoolInstance forMerged(Collection<String> exclude, long nowNanos) {
        return choose(instance -> instance.freeForMerged(nowNanos) && !exclude.contains(instance.name()), nowNanos);
    }

    /** Whether an instance that is not in {@code exclude} is healthy, busy or not. */
    boolean othersAvailable(Collection<String> exclude, long nowNanos) {
        for (PoolInstance instance : instances) {
            if (instance.available(nowNanos) && !exclude.contains(instance.name())) {
                return true;
            }
        }
        return false;
    }

    /** Why nothing can be done now, with the time to come back; null while some instance is there. */
    @Nullable
    Fault away(long nowNanos) {
        long soonest = Long.MAX_VALUE;
        boolean throttled = true;
        for (PoolInstance instance : instances) {
            long back = instance.backInNanos(nowNanos);
            if (back == 0 || (instance.onlyPaused(nowNanos) && back <= SHORT_PAUSE_NANOS)) {
                return null;
            }
            throttled &= instance.onlyPaused(nowNanos);
            soonest = Math.min(soonest, back);
        }
        Duration retryAfter = Duration.ofMillis(Math.max(1, soonest / 1_000_000));
        return throttled
                ? Fault.retryLater(
                        FaultCode.OVERLOADED, "Every instance of model " + model + " asked for a pause.", retryAfter)
                : Fault.retryLater(
                        FaultCode.UNAVAILABLE, "No instance of model " + model + " is available.", retryAfter);
    }

    /** Cuts {@code instance} off if it fails too often, as long as another can take over. */
    void judge(PoolInstance instance, long nowNanos) {
        if (othersAvailable(List.of(instance.name()), nowNanos)) {
            instance.ejectIfSick(nowNanos);
        }
    }

    /** Merged calls that the available instances take at a time. */
    int mergedSlots(long nowNanos) {
        int slots = 0;
        for (PoolInstance instance : instances) {
            slots += instance.available(nowNanos) ? instance.mergedSlots() : 0;
        }
        return slots;
    }

    /** Calls that the available instances take at a time. */
    int capacity(long nowNanos) {
        int capacity = 0;
        for (PoolInstance instance : instances) {
            capacity += instance.available(nowNanos) ? instance.config().maxConcurrency() : 0;
        }
        return capacity;
    }

    /** The instance of that name, or null. */
    @Nullable
    PoolInstance find(String name) {
        for (PoolInstance instance : instances) {
            if (instance.name().equals(name)) {
                return instance;
            }
        }
        return null;
    }

    int inFlight() {
        return instances.stream().mapToInt(PoolInstance::inFlight).sum();
    }

    List<Instance> inspect(long nowNanos) {
        return instances.stream().map(instance -> instance.inspect(nowNanos)).toList();
    }

    void close() {
        instances.forEach(PoolInstance::close);
    }

    private @Nullable PoolInstance choose(Predicate<PoolInstance> usable, long nowNanos) {
        List<Candidate> candidates = new ArrayList<>(instances.size());
        for (PoolInstance instance : instances) {
            candidates.add(instance.candidate(usable.test(instance), nowNanos));
        }
        int chosen = InstanceChoice.choose(candidates, turn++);
        return chosen < 0 ? null : instances.get(chosen);
    }
}
