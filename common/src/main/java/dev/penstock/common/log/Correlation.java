package dev.penstock.common.log;

import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.penstock.common.bus.CallContext;
import dev.penstock.common.bus.CallScope;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.KeyValuePair;

/**
 * Which request a line belongs to. Known only to the thread that logs, so the queue notes it before the line changes
 * threads.
 */
record Correlation(String correlationId, @Nullable String traceId) {
    static final String ID = "correlationId";
    static final String TRACE = "traceId";
    /** {@code 00-<32 hex digits>-…} */
    private static final int TRACE_FROM = 3;

    private static final int TRACE_TO = 35;

    /** What {@link CallScope} knows on this thread; null outside of any request. */
    static @Nullable Correlation current() {
        CallContext call = CallScope.current();
        return call == null ? null : new Correlation(call.correlationId(), traceId(call.traceparent()));
    }

    private static @Nullable String traceId(@Nullable String traceparent) {
        return traceparent == null || traceparent.length() < TRACE_TO
                ? null
                : traceparent.substring(TRACE_FROM, TRACE_TO);
    }

    /** Whether the event already names its request: noted by the queue, or given by the caller. */
    static boolean notedOn(ILoggingEvent event) {
        List<KeyValuePair> pairs = event.getKeyValuePairs();
        return pairs != null && pairs.stream().anyMatch(pair -> pair.key.equals(ID));
    }
}
