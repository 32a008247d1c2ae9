package dev.penstock.sandbox;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** An answer with OpenAI's or Anthropic's error body; thrown while a request is read, before any work is done. */
final class WireFault extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    private final int status;
    private final @Nullable String code;
    private final boolean anthropic;

    WireFault(int status, @Nullable String code, String message) {
        this(status, code, message, false);
    }

    private WireFault(int status, @Nullable String code, String message, boolean anthropic) {
        super(message, null, false, false); // expected, so no stack trace
        this.status = status;
        this.code = code;
        this.anthropic = anthropic;
    }

    static WireFault badRequest(String message) {
        return new WireFault(400, null, message);
    }

    /** The same in Anthropic's body. */
    WireFault asAnthropic() {
        return new WireFault(status, code, String.valueOf(getMessage()), true);
    }

    boolean anthropic() {
        return anthropic;
    }

    String anthropicType() {
        return switch (status) {
            case 404 -> "not_found_error";
            case 413 -> "request_too_large";
            case 429 -> "rate_limit_error";
            case 503, 529 -> "overloaded_error";
            default -> status < 500 ? "invalid_request_error" : "api_error";
        };
    }

    int status() {
        return status;
    }

    @Nullable
    String code() {
        return code;
    }

    String type() {
        if (status == 429) {
            return "requests";
        }
        return status < 500 ? "invalid_request_error" : "server_error";
    }
}
