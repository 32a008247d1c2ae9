package dev.penstock.common.bus;

import dev.penstock.common.time.Deadline;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * What travels with a request through every hop: who it is, which trace it belongs to, how long it may still take.
 *
 * @param correlationId the caller's {@code X-Request-ID} or {@code X-Correlation-ID}, or one made here; never empty
 * @param traceparent W3C trace context of the calling span, version 00; null where nobody traces
 * @param deadline on this process's ticker; on the bus it travels as the remaining budget
 */
public record CallContext(String correlationId, @Nullable String traceparent, Deadline deadline) {

    /** A context for work that the service starts by itself, such as a timer's. */
    public static CallContext internal(String purpose, long nowNanos, Duration budget) {
        String id = purpose + "-" + Long.toHexString(ThreadLocalRandom.current().nextLong());
        return new CallContext(id, null, Deadline.after(nowNanos, budget));
    }

    /** The same request with less time, where a step must not use it all. */
    public CallContext within(long nowNanos, Duration budget) {
        return new CallContext(correlationId, traceparent, deadline.earlier(Deadline.after(nowNanos, budget)));
    }
}
