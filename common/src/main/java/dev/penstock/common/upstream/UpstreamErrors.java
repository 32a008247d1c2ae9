package dev.penstock.common.upstream;

import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import org.jspecify.annotations.Nullable;

/** What an instance's refusal means for the caller, for the instance, and for a repetition. */
public final class UpstreamErrors {
    private static final int LONGEST_MESSAGE = 2_000;
    private static final int LONGEST_CODE = 100;
    /** Anthropic's word for a server without room. */
    private static final int OVERLOADED = 529;

    private UpstreamErrors() {}

    /** Whether {@code status} says that the caller's own request was wrong: other instances would refuse it as well. */
    public static boolean callersFault(int status) {
        return status == 400 || status == 409 || status == 413 || status == 415 || status == 422;
    }

    /** Whether the instance asks for a pause; says nothing about its health. */
    public static boolean throttled(int status) {
        return status == 429 || status == OVERLOADED;
    }

    /** The fault for an answer outside 2xx. */
    public static Fault fault(int status, MultiMap headers, Buffer body, Instant now) {
        if (callersFault(status)) {
            JsonObject error = error(body);
            return Fault.rejected(status, message(error, status), text(error, "param"), text(error, "code"));
        }
        if (throttled(status)) {
            return Fault.detailed(
                    FaultCode.OVERLOADED, 503, "The model's server is at its limit.", null, retryAfter(headers, now));
        }
        if (status == 401 || status == 403 || status == 404) {
            return Fault.of(
                    FaultCode.UPSTREAM_ERROR,
                    "The model's server refused the gateway's request with status " + status
                            + "; check url, api-key and model of the instance.");
        }
        return Fault.detailed(
                FaultCode.UPSTREAM_ERROR,
                502,
                "The model's server failed with status " + status + ".",
                null,
                retryAfter(headers, now));
    }

    /** {@code retry-after-ms} or {@code retry-after} in seconds or as a date; null where absent or unreadable. */
    public static @Nullable Duration retryAfter(MultiMap headers, Instant now) {
        String millis = headers.get("retry-after-ms");
        String seconds = headers.get("retry-after");
        try {
            if (millis != null) {
                return Duration.ofMillis(Math.max(0, (long) Double.parseDouble(millis)));
            }
            if (seconds != null) {
                return Duration.ofMillis(Math.max(0, (long) (Double.parseDouble(seconds) * 1000)));
            }
        } catch (NumberFormatException notANumber) {
            return seconds == null ? null : until(seconds, now);
        }
        return null;
    }

    private static @Nullable Duration until(String date, Instant now) {
        try {
            Instant at = ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
            return at.isAfter(now) ? Duration.between(now, at) : Duration.ZERO;
        } catch (DateTimeParseException e) {
            return null;
        }
    }

    /** {@code message} of OpenAI, Anthropic, vLLM and Cohere; {@code detail} of servers made with FastAPI. */
    private static String message(JsonObject error, int status) {
        String message = text(error, "message");
        String said = message == null ? text(error, "detail") : message;
        if (said == null || said.isBlank()) {
            return "The model refused the request with status " + status + ".";
        }
        return said.length() > LONGEST_MESSAGE ? said.substring(0, LONGEST_MESSAGE) : said;
    }

    private static @Nullable String text(JsonObject error, String field) {
        boolean fits = error.getValue(field) instanceof String text
                && (!field.equals("code") || (!text.isEmpty() && text.length() <= LONGEST_CODE));
        return fits ? error.getString(field) : null;
    }

    /** The object that says what was wrong; Ollama's own API and text-embeddings-inference write a mere text. */
    private static JsonObject error(Buffer body) {
        try {
            JsonObject json = body.length() == 0 ? new JsonObject() : body.toJsonObject();
            return switch (json.getValue("error")) {
                case JsonObject error -> error;
                case String text -> new JsonObject().put("message", text);
                case null, default -> json;
            };
        } catch (DecodeException | ClassCastException e) {
            return new JsonObject();
        }
    }
}
