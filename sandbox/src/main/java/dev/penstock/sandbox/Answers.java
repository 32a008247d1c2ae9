package dev.penstock.sandbox;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;

/** Writes whole JSON answers and the error bodies of OpenAI and Anthropic. */
final class Answers {
    private static final CharSequence JSON = HttpHeaders.createOptimized("application/json");

    private Answers() {}

    static void json(HttpServerResponse response, int status, Buffer body) {
        response.setStatusCode(status).putHeader(HttpHeaders.CONTENT_TYPE, JSON);
        response.end(body);
    }

    static void json(HttpServerResponse response, JsonObject body) {
        json(response, 200, body.toBuffer());
    }

    static void fault(HttpServerResponse response, WireFault fault, long retryAfterMs) {
        if (fault.status() == 429 || fault.status() == 503) {
            response.putHeader("retry-after-ms", Long.toString(retryAfterMs));
            response.putHeader("retry-after", Long.toString((retryAfterMs + 999) / 1000));
        }
        if (fault.anthropic()) {
            JsonObject body =
                    new JsonObject().put("type", fault.anthropicType()).put("message", fault.getMessage());
            json(
                    response,
                    fault.status(),
                    new JsonObject().put("type", "error").put("error", body).toBuffer());
            return;
        }
        JsonObject error = new JsonObject()
                .put("message", fault.getMessage())
                .put("type", fault.type())
                .put("param", null)
                .put("code", fault.code());
        json(response, fault.status(), new JsonObject().put("error", error).toBuffer());
    }
}
