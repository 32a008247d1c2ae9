package dev.penstock.sandbox;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * One call on its way through the sandbox. It ends exactly once: by an answer or by the caller hanging up,
 * whichever is first; what is scheduled for it asks {@link #over()} before it goes on. Event loop only.
 */
final class Exchange {
    private final HttpServerResponse response;
    private final SandboxCounters counters;
    private final Deque<Runnable> atEnd = new ArrayDeque<>(2);
    private final boolean anthropic;
    private boolean over;

    Exchange(HttpServerRequest request, SandboxCounters counters, Endpoint endpoint, int items) {
        this.response = request.response();
        this.counters = counters;
        this.anthropic = endpoint == Endpoint.MESSAGES;
        counters.begun(endpoint, items);
        response.exceptionHandler(_ -> hungUp());
        response.closeHandler(_ -> hungUp());
    }

    boolean over() {
        return over;
    }

    HttpServerResponse response() {
        return response;
    }

    /** Adds what must be given back when the call ends, however it ends; last in, first out. */
    void atEnd(Runnable release) {
        if (over) {
            release.run();
            return;
        }
        atEnd.push(release);
    }

    void answer(Buffer json) {
        if (!over) {
            Answers.json(response, 200, json);
            end(false);
        }
    }

    void fail(WireFault fault, long retryAfterMs) {
        if (!over) {
            counters.failed();
            Answers.fault(response, anthropic ? fault.asAnthropic() : fault, retryAfterMs);
            end(false);
        }
    }

    /** The last bytes of a stream. */
    void endStream(String frames) {
        if (!over) {
            response.end(frames);
            end(false);
        }
    }

    private void hungUp() {
        if (!over) {
            end(true);
        }
    }

    private void end(boolean byHangUp) {
        over = true;
        counters.ended(byHangUp);
        while (!atEnd.isEmpty()) {
            atEnd.pop().run();
        }
    }
}
