package dev.penstock.gateway.http;

import dev.penstock.common.bus.CallContext;
import dev.penstock.common.bus.CallScope;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.time.Deadline;
import io.netty.util.AttributeKey;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.impl.HttpServerConnection;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What every request brings and every answer takes along: the correlation id, the trace, the deadline, the security
 * headers, and one way to say no. Used by the API below {@code /v1} and by the operations alike.
 */
public final class Edge {
    public static final CharSequence REQUEST_ID = HttpHeaders.createOptimized("x-request-id");
    private static final CharSequence CORRELATION_ID = HttpHeaders.createOptimized("x-correlation-id");
    private static final CharSequence TRACEPARENT = HttpHeaders.createOptimized("traceparent");
    private static final CharSequence PENSTOCK_TIMEOUT = HttpHeaders.createOptimized("x-penstock-timeout");
    private static final CharSequence STAINLESS_TIMEOUT = HttpHeaders.createOptimized("x-stainless-timeout");
    private static final CharSequence NO_SNIFF = HttpHeaders.createOptimized("x-content-type-options");
    private static final CharSequence NO_SNIFF_VALUE = HttpHeaders.createOptimized("nosniff");
    private static final CharSequence FRAMES = HttpHeaders.createOptimized("x-frame-options");
    private static final CharSequence FRAMES_VALUE = HttpHeaders.createOptimized("DENY");
    private static final CharSequence REFERRER = HttpHeaders.createOptimized("referrer-policy");
    private static final CharSequence REFERRER_VALUE = HttpHeaders.createOptimized("no-referrer");
    private static final CharSequence POLICY = HttpHeaders.createOptimized("content-security-policy");
    private static final CharSequence POLICY_VALUE =
            HttpHeaders.createOptimized("default-src 'none'; frame-ancestors 'none'");
    private static final CharSequence STORE_VALUE = HttpHeaders.createOptimized("no-store");
    private static final CharSequence HSTS = HttpHeaders.createOptimized("strict-transport-security");
    private static final CharSequence HSTS_VALUE = HttpHeaders.createOptimized("max-age=31536000");
    private static final CharSequence RETRY_AFTER_MS = HttpHeaders.createOptimized("retry-after-ms");
    private static final CharSequence SHOULD_RETRY = HttpHeaders.createOptimized("x-should-retry");
    private static final MultiMap ALWAYS = HttpHeaders.headers()
            .set(NO_SNIFF, NO_SNIFF_VALUE)
            .set(FRAMES, FRAMES_VALUE)
            .set(REFERRER, REFERRER_VALUE)
            .set(POLICY, POLICY_VALUE)
            .set(HttpHeaders.CACHE_CONTROL, STORE_VALUE)
            .copy(false);
    /** On a channel: the answer that is being given is its last. */
    private static final AttributeKey<Boolean> LAST = AttributeKey.valueOf(Edge.class, "last");

    private static final String MESSAGES = "/v1/messages";
    private static final String MODELS = "/v1/models";
    private static final int MAX_ID = 128;
    private static final Duration DEFAULT_RETRY = Duration.ofSeconds(1);
    /** Beyond this the Node SDK ignores the delay and the Java SDK sleeps it out: neither should retry by itself. */
    private static final Duration LONGEST_RETRY = Duration.ofSeconds(60);

    private static final long MAX_TIMEOUT_SECONDS = 86_400;

    private Edge() {}

    /**
     * Reads who the request says it is and how long it may take, and remembers it for log lines.
     *
     * @param budget what a request gets that asks for nothing; the SDKs' timeout headers can only shorten it
     */
    public static CallContext enter(HttpServerRequest request, long nowNanos, Duration budget) {
        MultiMap headers = request.headers();
        String id = headers.get(REQUEST_ID);
        if (id == null) {
            id = headers.get(CORRELATION_ID);
        }
        String correlation = id != null && acceptable(id) ? id : TraceContext.id();
        Deadline deadline = Deadline.after(nowNanos, budget(headers, budget));
        CallContext call = new CallContext(correlation, TraceContext.child(headers.get(TRACEPARENT)), deadline);
        CallScope.enter(call);
        return call;
    }

    /**
     * Puts the headers on that every answer has. A page that needs a wider content policy or may be stored replaces
     * those headers afterwards.
     */
    public static void secure(HttpServerRequest request, CallContext call) {
        MultiMap headers = request.response().headers();
        if (headers.isEmpty()) {
            headers.setAll(ALWAYS); // copied on the next write, and neither hashed nor checked again
        } else {
            ALWAYS.forEach((name, value) -> headers.set(name, value));
        }
        headers.set(REQUEST_ID, call.correlationId());
        String trace = call.traceparent();
        if (trace != null) {
            headers.set(TRACEPARENT, trace);
        }
        if (request.isSSL()) {
            headers.set(HSTS, HSTS_VALUE);
        }
    }

    /** Answers with a fault: Anthropic's or OpenAI's body below {@code /v1}, RFC 9457 elsewhere. Does nothing once an answer has begun. */
    public static void fail(HttpServerRequest request, CallContext call, Fault fault) {
        fail(request, call, fault, false);
    }

    /** As {@link #fail(HttpServerRequest, CallContext, Fault)}; {@code retried} tells the SDKs that we tried again ourselves. */
    public static void fail(HttpServerRequest request, CallContext call, Fault fault, boolean retried) {
        HttpServerResponse response = request.response();
        if (response.headWritten() || response.closed()) {
            return;
        }
        secure(request, call);
        String path = request.path() == null ? "/" : request.path();
        boolean messages = path.startsWith(MESSAGES)
                || (path.startsWith(MODELS) && request.headers().contains("anthropic-version"));
        response.setStatusCode(messages ? ErrorBody.anthropicStatus(fault) : fault.status());
        retryHeaders(response.headers(), fault, retried);
        if (fault.code() == FaultCode.UNAUTHENTICATED) {
            response.putHeader("www-authenticate", "Bearer");
        }
        boolean ai = isAi(path);
        response.putHeader(HttpHeaders.CONTENT_TYPE, ai ? "application/json" : "application/problem+json");
        if (messages) {
            response.putHeader("request-id", call.correlationId()); // Anthropic's name of the same
            response.end(ErrorBody.anthropic(fault, call.correlationId()));
        } else {
            response.end(ai ? ErrorBody.openAi(fault) : ErrorBody.problem(fault, path, call.correlationId()));
        }
    }

    /** Whether a path belongs to the AI API: everything below {@code /v1}, and where Cohere's clients rerank. */
    public static boolean isAi(String path) {
        return path.startsWith("/v1/") || path.equals("/v2/rerank");
    }

    /** Asks a caller that waits for it ({@code Expect: 100-continue}) to send its body. */
    public static void proceed(HttpServerRequest request) {
        String expect = request.getHeader(HttpHeaders.EXPECT);
        if (expect != null && expect.equalsIgnoreCase("100-continue") && request.version() != HttpVersion.HTTP_1_0) {
            request.response().writeContinue();
        }
    }

    /**
     * What is left of this request will not be read: its connection serves no other. It ends with the answer, or, where
     * a body is on its way, when that is over: a client may not see an answer over a closed connection. A stream of
     * HTTP/2 just ends.
     */
    public static void closeAfter(HttpServerRequest request) {
        if (request.version() != HttpVersion.HTTP_2) {
            request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
            if (request.connection() instanceof HttpServerConnection connection) {
                connection.channelHandlerContext().channel().attr(LAST).set(true);
            }
            request.response().endHandler(ended -> closeIfLast(request));
        }
    }

    /** Whether an earlier request was the last on its connection, so that this one must not be looked at. */
    public static boolean afterLast(HttpServerRequest request) {
        return request.connection() instanceof HttpServerConnection connection
                && Boolean.TRUE.equals(
                        connection.channelHandlerContext().channel().attr(LAST).get());
    }

    /** For those who take the response's end handler away from {@link #closeAfter}. */
    public static void closeIfLast(HttpServerRequest request) {
        if (request.isEnded() && request.version() != HttpVersion.HTTP_2 && afterLast(request)) {
            request.connection().close();
        }
    }

    private static void retryHeaders(MultiMap headers, Fault fault, boolean retried) {
        int status = fault.status();
        boolean never = fault.code() == FaultCode.QUOTA_EXCEEDED || (retried && status >= 500);
        if (status == 429 || status == 503) { // Anthropic's 529 is a 503 here
            Duration wait = fault.retryAfter() == null ? DEFAULT_RETRY : fault.retryAfter();
            long millis = Math.max(1, wait.toMillis());
            headers.set(RETRY_AFTER_MS, Long.toString(millis));
            headers.set(HttpHeaders.RETRY_AFTER, Long.toString((millis + 999) / 1000));
            never |= wait.compareTo(LONGEST_RETRY) > 0;
        }
        if (never) {
            headers.set(SHOULD_RETRY, "false");
        }
    }

    private static Duration budget(MultiMap headers, Duration most) {
        Duration own = seconds(headers.get(PENSTOCK_TIMEOUT));
        Duration asked = own == null ? seconds(headers.get(STAINLESS_TIMEOUT)) : own;
        return asked == null || asked.compareTo(most) > 0 ? most : asked;
    }

    /** Seconds, whole or with a fraction; what is not a positive number is as if absent. */
    private static @Nullable Duration seconds(@Nullable String text) {
        if (text == null || text.length() > 16) {
            return null;
        }
        try {
            double value = Double.parseDouble(text);
            return value > 0 && value <= MAX_TIMEOUT_SECONDS ? Duration.ofNanos((long) (value * 1e9)) : null;
        } catch (NumberFormatException e) {
            return null;
        }
    }

    /** Visible ASCII without quotes and at most 128 characters: it goes into logs and headers as it is. */
    private static boolean acceptable(String id) {
        if (id.isEmpty() || id.length() > MAX_ID) {
            return false;
        }
        for (int i = 0; i < id.length(); i++) {
            char c = id.charAt(i);
            if (c <= ' ' || c > '~' || c == '"' || c == '\\') {
                return false;
            }
        }
        return true;
    }
}
