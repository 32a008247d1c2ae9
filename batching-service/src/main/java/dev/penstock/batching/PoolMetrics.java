package dev.penstock.batching;

import dev.penstock.common.config.InstanceConfig;
import dev.penstock.common.config.ModelConfig;
import dev.penstock.common.telemetry.Telemetry;
import dev.penstock.common.telemetry.Telemetry.Counter;
import dev.penstock.common.telemetry.Telemetry.Distribution;
import dev.penstock.common.telemetry.Telemetry.Timing;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The numbers of one model, kept over changes of ownership and of the configuration. The pool writes on its event loop;
 * the gauges are read on any thread.
 */
final class PoolMetrics {
    /** How a merged call ended, as a label. */
    enum Outcome {
        OK,
        REJECTED,
        FAILED,
        THROTTLED,
        CANCELLED
    }

    /** What others may read of one instance. */
    static final class InstanceGauges {
        final AtomicInteger inFlight = new AtomicInteger();
        final AtomicInteger open = new AtomicInteger();
    }

    final Distribution size;
    final Distribution fill;
    final Counter items;
    final Timing wait;
    final Timing upstream;
    final AtomicInteger queued = new AtomicInteger();
    private final Map<Outcome, Counter> calls = new HashMap<>();
    private final Map<String, InstanceGauges> instances = new ConcurrentHashMap<>();

    PoolMetrics(Telemetry telemetry, ModelConfig model) {
        String name = model.name();
        size = telemetry.distribution("penstock_batch_size", "Items per merged call.", "model", name);
        fill = telemetry.distribution(
                "penstock_batch_fill_ratio", "Items of a merged call over the most allowed.", "model", name);
        items = telemetry.counter("penstock_batch_items_total", "Items sent in merged calls.", "model", name);
        wait = telemetry.timing(
                "penstock_batch_queue_wait_seconds", "From an item's arrival to its dispatch.", "model", name);
        upstream = telemetry.timing("penstock_batch_upstream_seconds", "Merged calls that succeeded.", "model", name);
        telemetry.gauge("penstock_batch_queued", "Items that wait.", queued::get, "model", name);
        for (Outcome outcome : Outcome.values()) {
            String label = outcome.name().toLowerCase(Locale.ROOT);
            calls.put(
                    outcome,
                    telemetry.counter("penstock_batch_calls_total", "Merged calls.", "model", name, "outcome", label));
        }
        follow(telemetry, model);
    }

    /** Goes over to other instances; the gauges of one that is gone stay at 0. */
    void follow(Telemetry telemetry, ModelConfig model) {
        Set<String> names = new HashSet<>();
        for (InstanceConfig instance : model.instances()) {
            names.add(instance.name());
            instances.computeIfAbsent(instance.name(), added -> gauges(telemetry, model.name(), added));
        }
        instances.keySet().retainAll(names);
    }

    void call(Outcome outcome) {
        Counter counter = calls.get(outcome);
        if (counter != null) {
            counter.increment();
        }
    }

    InstanceGauges instance(String name) {
        return instances.getOrDefault(name, new InstanceGauges());
    }

    /** True if every instance's breaker is open. */
    boolean away() {
        return instances.values().stream().allMatch(instance -> instance.open.get() == 1);
    }

    private static InstanceGauges gauges(Telemetry telemetry, String model, String instance) {
        InstanceGauges gauges = new InstanceGauges();
        telemetry.gauge(
                "penstock_instance_in_flight",
                "Calls in flight.",
                gauges.inFlight::get,
                "model",
                model,
                "instance",
                instance);
        telemetry.gauge(
                "penstock_instance_open",
                "1 while the instance is cut off.",
                gauges.open::get,
                "model",
                model,
                "instance",
                instance);
        return gauges;
    }
}
