package dev.penstock.gateway;

import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.gateway.http.Edge;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;

/** Answers what the HTTP decoder could not read, with the headers and the body that every refusal has. */
final class InvalidRequests {
    private static final int LINE_TOO_LONG = 414;
    private static final int HEAD_TOO_LARGE = 431;
    private static final Duration BUDGET = Duration.ofSeconds(5);

    private InvalidRequests() {}

    /** Nothing after this can be told apart any more, so the connection ends. */
    static void refuse(HttpServerRequest request, long nowNanos) {
        Edge.closeAfter(request);
        Edge.fail(
                request,
                Edge.enter(request, nowNanos, BUDGET),
                fault(request.decoderResult().cause()));
        request.connection().close();
    }

    private static Fault fault(Throwable cause) {
        return switch (cause) {
            case TooLongHttpLineException line ->
                Fault.detailed(
                        FaultCode.INVALID_REQUEST, LINE_TOO_LONG, "The request's first line is too long.", null, null);
            case TooLongHttpHeaderException header ->
                Fault.detailed(
                        FaultCode.INVALID_REQUEST, HEAD_TOO_LARGE, "The request's headers are too large.", null, null);
            case null, default -> Fault.of(FaultCode.INVALID_REQUEST, "This is no valid HTTP request.");
        };
    }
}
