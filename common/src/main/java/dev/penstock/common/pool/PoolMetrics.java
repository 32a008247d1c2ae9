package dev.penstock.common.pool;

import dev.penstock.common.pool.policy.Node;
import dev.penstock.common.pool.policy.Outcome;
import dev.penstock.common.telemetry.Telemetry;
import dev.penstock.common.telemetry.Telemetry.Counter;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The figures of one pool. No label names an instance: those come and go without bound. */
final class PoolMetrics {
    private final Map<Outcome, Counter> calls = new EnumMap<>(Outcome.class);
    private final Map<Node.State, Counter> changes = new EnumMap<>(Node.State.class);
    private final Counter refused;
    private final Counter retries;
    private final Counter retriesDenied;

    PoolMetrics(Telemetry telemetry, String pool, Supplier<PoolStatus> status) {
        for (Outcome outcome : Outcome.values()) {
            calls.put(
                    outcome,
                    telemetry.counter(
                            "penstock_pool_calls_total",
                            "Calls to instances, by outcome.",
                            "pool",
                            pool,
                            "outcome",
                            Pool.label(outcome)));
        }
        for (Node.State state : Node.State.values()) {
            String label = Pool.label(state);
            changes.put(
                    state,
                    telemetry.counter(
                            "penstock_pool_changes_total",
                            "Instances that came into a state.",
                            "pool",
                            pool,
                            "state",
                            label));
            telemetry.gauge(
                    "penstock_pool_instances",
                    "Instances by state.",
                    () -> status.get().members().stream()
                            .filter(member -> member.state() == state)
                            .count(),
                    "pool",
                    pool,
                    "state",
                    label);
        }
        refused = telemetry.counter(
                "penstock_pool_refused_total", "Calls for which there was no instance.", "pool", pool);
        retries = telemetry.counter("penstock_pool_retries_total", "Repetitions.", "pool", pool, "result", "allowed");
        retriesDenied =
                telemetry.counter("penstock_pool_retries_total", "Repetitions.", "pool", pool, "result", "denied");
        connections(telemetry, pool, "in-use", () -> status.get().inUse());
        connections(telemetry, pool, "pending", () -> status.get().pending());
        connections(telemetry, pool, "max", () -> status.get().max());
    }

    void ended(Outcome outcome) {
        increment(calls.get(outcome));
    }

    void changed(Node.State state) {
        increment(changes.get(state));
    }

    void refused() {
        refused.increment();
    }

    void retry(boolean allowed) {
        (allowed ? retries : retriesDenied).increment();
    }

    private static void increment(@Nullable Counter counter) {
        if (counter != null) {
            counter.increment();
        }
    }

    private static void connections(Telemetry telemetry, String pool, String use, Supplier<Integer> level) {
        telemetry.gauge(
                "penstock_pool_connections",
                "Connections to instances, and calls that wait for one.",
                () -> level.get(),
                "pool",
                pool,
                "use",
                use);
    }
}
