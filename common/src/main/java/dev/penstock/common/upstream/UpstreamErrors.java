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

    private UpstreamErrors() {}

    /** Whether {@code status} says that the caller's own request was wrong: other instances would refuse it as well. */
    public static boolean callersFault(int status) {
        return status == 400 || status == 409 || status == 413 || status == 415 || status == 422;
    }

    /** Whether the instance asks for a pause; says nothing about its health. */
    public static boolean throttled(int status) {
        return status == 429;
    }

    /** The fault for an answer outside 2xx. */
    public static Fault fault(int status, MultiMap headers, Buffer body, Instant now) {
        if (callersFault(status)) {
            return Fault.detailed(FaultCode.UPSTREAM_REJECTED, status, message(body, status), param(body), null);
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

    private static String message(Buffer body, int status) {
        JsonObject error = error(body);
        String message = error == null ? null : error.getString("message");
        if (message == null || message.isBlank()) {
            return "The model refused the request with status " + status + ".";
        }
        return message.length() > LONGEST_MESSAGE ? message.substring(0, LONGEST_MESSAGE) : message;
    }

    private static @Nullable String param(Buffer body) {
        JsonObject error = error(body);
        return error != null && error.getValue("param") instanceof String param ? param : null;
    }

    private static @Nullable JsonObject error(Buffer body) {
        try {
            JsonObject json = body.length() == 0 ? new JsonObject() : body.toJsonObject();
            return json.getValue("error") instanceof JsonObject error ? error : json;
        } catch (DecodeException | ClassCastException e) {
            return null;
        }
    }
}
