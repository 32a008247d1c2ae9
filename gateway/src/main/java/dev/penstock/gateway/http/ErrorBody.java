package dev.penstock.gateway.http;

import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A fault as the two bodies that callers know: OpenAI's below {@code /v1}, RFC 9457 everywhere else. */
public final class ErrorBody {
    private static final int REQUEST_TIMEOUT = 408;

    private ErrorBody() {}

    /** {@code {"error":{"message","type","param","code"}}}; {@code code} is a string or null, as the SDKs expect. */
    public static Buffer openAi(Fault fault) {
        JsonObject error = new JsonObject()
                .put("message", fault.reason())
                .put("type", type(fault.code()))
                .put("param", fault.param())
                .put("code", fault.status() == REQUEST_TIMEOUT ? "request_timeout" : code(fault.code()));
        return new JsonObject().put("error", error).toBuffer();
    }

    /** {@code application/problem+json}. */
    public static Buffer problem(Fault fault, String path, String requestId) {
        JsonObject problem = new JsonObject()
                .put("type", "about:blank")
                .put("title", fault.code().name().toLowerCase(Locale.ROOT).replace('_', ' '))
                .put("status", fault.status())
                .put("detail", fault.reason())
                .put("instance", path)
                .put("request_id", requestId);
        if (fault.param() != null) {
            problem.put("param", fault.param());
        }
        return problem.toBuffer();
    }

    private static String type(FaultCode code) {
        return switch (code) {
            case RATE_LIMITED -> "requests";
            case QUOTA_EXCEEDED -> "insufficient_quota";
            case FORBIDDEN -> "permission_error";
            default -> code.status() >= 500 ? "server_error" : "invalid_request_error";
        };
    }

    private static @Nullable String code(FaultCode code) {
        return switch (code) {
            case INVALID_REQUEST, UPSTREAM_REJECTED -> null;
            case UNAUTHENTICATED -> "invalid_api_key";
            case FORBIDDEN -> "permission_denied";
            case NOT_FOUND -> "not_found";
            case MODEL_NOT_FOUND -> "model_not_found";
            case METHOD_NOT_ALLOWED -> "method_not_allowed";
            case CONFLICT -> "conflict";
            case TOO_LARGE -> "request_too_large";
            case UNSUPPORTED_MEDIA_TYPE -> "unsupported_media_type";
            case RATE_LIMITED -> "rate_limit_exceeded";
            case QUOTA_EXCEEDED -> "insufficient_quota";
            case CANCELLED -> "request_cancelled";
            case INTERNAL -> "internal_error";
            case UPSTREAM_ERROR, MEMBER_LOST -> "upstream_error";
            case OVERLOADED -> "overloaded";
            case UNAVAILABLE -> "unavailable";
            case TIMEOUT -> "upstream_timeout";
        };
    }
}
