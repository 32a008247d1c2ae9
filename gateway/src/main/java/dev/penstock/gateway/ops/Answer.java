package dev.penstock.gateway.ops;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What an operation answers; a failure is a failed future instead. */
sealed interface Answer {
    /** A whole answer. */
    record Whole(int status, @Nullable Buffer body, Map<String, String> headers) implements Answer {
        public Whole {
            headers = Map.copyOf(headers);
        }
    }

    /** The handler has answered by itself: a socket or a stream. */
    record Taken() implements Answer {}

    static Answer json(int status, JsonObject body) {
        return new Whole(status, body.toBuffer(), Map.of("content-type", "application/json"));
    }

    static Answer json(JsonObject body) {
        return json(200, body);
    }

    static Answer empty(Map<String, String> headers) {
        return new Whole(204, null, headers);
    }

    static Answer taken() {
        return new Taken();
    }
}
