package dev.penstock.testkit;

import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a {@link ModelServer} does with one call. */
public sealed interface Reply {
    /** Let the sandbox answer. */
    static Reply sandbox() {
        return new Sandbox();
    }

    /** A whole JSON answer. */
    static Whole json(int status, JsonObject body) {
        return new Whole(status, Map.of("content-type", "application/json"), body.encode(), Whole.COMPLETE);
    }

    /** A whole answer of any kind. */
    static Whole text(int status, String contentType, String body) {
        return new Whole(status, Map.of("content-type", contentType), body, Whole.COMPLETE);
    }

    /** An error in OpenAI's form. */
    static Whole error(int status, String code, String message) {
        JsonObject error = new JsonObject()
                .put("message", message)
                .put("type", status < 500 ? "invalid_request_error" : "server_error")
                .put("param", null)
                .put("code", code);
        return json(status, new JsonObject().put("error", error));
    }

    /** 429 that says when to come back. */
    static Whole rateLimited(Duration retryAfter) {
        long millis = retryAfter.toMillis();
        return error(429, "rate_limit_exceeded", "Rate limit reached.")
                .header("retry-after-ms", Long.toString(millis))
                .header("retry-after", Long.toString((millis + 999) / 1000));
    }

    /** Never an answer; the connection stays open. */
    static Reply stall() {
        return new Stall();
    }

    /** The connection is closed without an answer. */
    static Reply hangUp() {
        return new HangUp();
    }

    /** Server-sent events, written as they are: each frame is {@code data: …}, without the blank line. */
    static Stream stream(List<String> frames) {
        return new Stream(frames, Duration.ZERO, false);
    }

    /** A chat stream of the words, with role, finish reason and {@code [DONE]}. */
    static Stream chatStream(List<String> words) {
        return new Stream(Frames.chat(words), Duration.ZERO, false);
    }

    /** A stream that begins well and goes on with half a JSON object. */
    static Stream malformedStream() {
        List<String> good = Frames.chat(List.of("one", "two"));
        return new Stream(List.of(good.get(0), good.get(1), "data: {\"choices\":[{\"delta\":"), Duration.ZERO, false);
    }

    /** This after a pause. */
    default Reply after(Duration delay) {
        return new Delayed(delay, this);
    }

    /** See {@link #sandbox}. */
    record Sandbox() implements Reply {}

    /** See {@link #stall}. */
    record Stall() implements Reply {}

    /** See {@link #hangUp}. */
    record HangUp() implements Reply {}

    /** See {@link #after}. */
    record Delayed(Duration delay, Reply then) implements Reply {}

    /**
     * An answer of known length.
     *
     * @param cutAfter bytes of the body that are sent before the connection is closed, or {@link #COMPLETE}
     */
    record Whole(int status, Map<String, String> headers, String body, int cutAfter) implements Reply {
        /** The whole body is sent. */
        public static final int COMPLETE = -1;

        /** This with one header more. */
        public Whole header(String name, String value) {
            Map<String, String> more = new LinkedHashMap<>(headers);
            more.put(name, value);
            return new Whole(status, more, body, cutAfter);
        }

        /** This, but the connection is closed after so many bytes of the body. */
        public Whole cutAfter(int bytes) {
            return new Whole(status, headers, body, bytes);
        }
    }

    /**
     * Server-sent events.
     *
     * @param gap between two frames
     * @param cut close the connection after the last frame instead of ending the answer
     */
    record Stream(List<String> frames, Duration gap, boolean cut) implements Reply {
        /** This with a pause between two frames. */
        public Stream gap(Duration newGap) {
            return new Stream(frames, newGap, cut);
        }

        /** Only the first frames, then the connection is closed. */
        public Stream cutAfter(int firstFrames) {
            return new Stream(frames.subList(0, firstFrames), gap, true);
        }
    }
}
