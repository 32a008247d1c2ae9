package dev.penstock.gateway.ops;

import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.telemetry.Telemetry;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** How many streams of one kind a key has open in this process. Safe for use by many threads. */
final class SocketQuota {
    private static final Duration RETRY = Duration.ofSeconds(5);

    private final int most;
    private final Map<String, Integer> open = new ConcurrentHashMap<>();
    private final AtomicInteger all = new AtomicInteger();

    SocketQuota(String stream, int most, Telemetry telemetry) {
        this.most = most;
        telemetry.gauge("penstock_websockets_open", "Open streams.", all::get, "stream", stream);
    }

    /** Takes one or refuses with {@code RATE_LIMITED}. */
    void take(String keyId) {
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
