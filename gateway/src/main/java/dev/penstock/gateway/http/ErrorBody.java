package dev.penstock.gateway.http;

import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A fault as the bodies that callers know: Anthropic's on {@code /v1/messages}, OpenAI's on the rest of {@code /v1}, RFC
 * 9457 everywhere else.
 */
public final class ErrorBody {
    /** As {@code param} of a {@link FaultCode#RATE_LIMITED}: what was counted, where that is not requests. */
    public static final String TOKENS = "tokens";

    private static final int REQUEST_TIMEOUT = 408;
    /** Anthropic's own status for a server without room. */
    private static final int OVERLOADED = 529;

    private ErrorBody() {}

    /** {@code {"error":{"message","type","param","code"}}}; {@code code} is a string or null, as the SDKs expect. */
    public static Buffer openAi(Fault fault) {
        return new JsonObject().put("error", error(fault)).toBuffer();
    }

    /**
     * The last event of a broken stream of responses: the fields of the specification, and the object {@code error} by
     * which the SDKs know that it is one.
     */
    public static Buffer responseEvent(Fault fault) {
        JsonObject error = error(fault);
        return new JsonObject()
                .put("type", "error")
                .put("code", error.getValue("code"))
                .put("message", fault.reason())
                .put("param", fault.param())
                .put("sequence_number", 0)
                .put("error", error)
                .toBuffer();
    }

    /** {@code {"type":"error","error":{"type","message"},"request_id"}}. */
    public static Buffer anthropic(Fault fault, @Nullable String requestId) {
        String param = fault.param();
        boolean named = param == null || fault.reason().contains(param);
        JsonObject body = new JsonObject()
                .put("type", "error")
                .put(
                        "error",
                        new JsonObject()
                                .put("type", anthropicType(fault))
                                .put("message", named ? fault.reason() : param + ": " + fault.reason()));
        return (requestId == null ? body : body.put("request_id", requestId)).toBuffer();
    }

    /** The status that Anthropic's clients expect. */
    public static int anthropicStatus(Fault fault) {
        return fault.code() == FaultCode.OVERLOADED ? OVERLOADED : fault.status();
    }

    private static JsonObject error(Fault fault) {
        String code = fault.backendCode() == null ? code(fault.code()) : fault.backendCode();
        // OpenAI's clients tell the two kinds of limits apart by the type.
        boolean tokens = fault.code() == FaultCode.RATE_LIMITED && TOKENS.equals(fault.param());
        return new JsonObject()
                .put("message", fault.reason())
                .put("type", tokens ? fault.param() : type(fault.code()))
                .put("param", tokens ? null : fault.param())
                .put("code", fault.status() == REQUEST_TIMEOUT ? "request_timeout" : code);
    }

    private static String anthropicType(Fault fault) {
        return switch (fault.code()) {
            case UNAUTHENTICATED -> "authentication_error";
            case FORBIDDEN -> "permission_error";
            case QUOTA_EXCEEDED -> "billing_error";
            case NOT_FOUND, MODEL_NOT_FOUND -> "not_found_error";
            case TOO_LARGE -> "request_too_large";
            case RATE_LIMITED -> "rate_limit_error";
            case OVERLOADED -> "overloaded_error";
            case TIMEOUT -> "timeout_error";
            default -> fault.status() >= 500 ? "api_error" : "invalid_request_error";
        };
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
            case KEY_REUSED -> "idempotency_key_reused";
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
