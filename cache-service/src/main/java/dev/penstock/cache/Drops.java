package dev.penstock.cache;

import dev.penstock.common.contract.Ack;
import dev.penstock.common.telemetry.Telemetry;
import io.vertx.core.Future;
import java.util.HashMap;
import java.util.Map;

/** Counts answers that were not kept, by reason. */
final class Drops {
    private final Telemetry telemetry;
    private final Map<String, Telemetry.Counter> counters = new HashMap<>();

    Drops(Telemetry telemetry) {
        this.telemetry = telemetry;
    }

    /** Counts one; the caller of STORE has done its part and is told so. */
    Future<Ack> dropped(String reason) {
        counters.computeIfAbsent(
                        reason,
                        label -> telemetry.counter(
                                "penstock_cache_stores_dropped_total", "Answers that were not kept", "reason", label))
                .increment();
        return Future.succeededFuture(Ack.OK);
    }
}
