package dev.penstock.gateway.ops;

import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.telemetry.Telemetry;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;

/** How many streams of one kind a key has open in this process. Safe for use by many threads. */
final class SocketQuota {
    private static final Duration RETRY = Duration.ofSeconds(5);

    private final IntSupplier limit;
    private final Map<String, Integer> open = new ConcurrentHashMap<>();
    private final AtomicInteger all = new AtomicInteger();

    /** @param limit read at each take: it may change */
    SocketQuota(String stream, IntSupplier limit, Telemetry telemetry) {
        this.limit = limit;
        telemetry.gauge("penstock_websockets_open", "Open streams.", all::get, "stream", stream);
    }

    /** Takes one or refuses with {@code RATE_LIMITED}. */
    void take(String keyId) {
        int most = limit.getAsInt();
        int now = open.merge(keyId, 1, Integer::sum);
        all.incrementAndGet();
        if (now > most) {
            release(keyId);
            throw Fault.retryLater(
                    FaultCode.RATE_LIMITED, "This key has " + most + " such streams open already; close one.", RETRY);
        }
    }

    void release(String keyId) {
        open.computeIfPresent(keyId, (key, count) -> count == 1 ? null : count - 1);
        all.decrementAndGet();
    }
}
