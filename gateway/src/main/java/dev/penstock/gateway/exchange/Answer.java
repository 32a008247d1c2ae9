package dev.penstock.gateway.exchange;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;

/** What the caller gets when nothing went wrong. */
public sealed interface Answer {
    /** A body that is all there. */
    record Whole(Buffer body) implements Answer {}

    /** A body that comes as the model writes it. */
    record Streamed(Source source) implements Answer {}

    /** Somebody else's answer, head and all. */
    record Relayed(Source source) implements Answer {}

    /** Writes a body as it comes. */
    @FunctionalInterface
    interface Source {
        /** Takes over the response, whose head is set but not written; resumes the exchange at its end, exactly once. */
        void begin(HttpServerResponse response);
    }
}
