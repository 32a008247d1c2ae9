package dev.penstock.sandbox;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** An answer with OpenAI's error body; thrown while a request is read, before any work is done. */
final class WireFault extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    private final int status;
    private final @Nullable String code;

    WireFault(int status, @Nullable String code, String message) {
        super(message, null, false, false); // expected, so no stack trace
        this.status = status;
        this.code = code;
    }

    static WireFault badRequest(String message) {
        return new WireFault(400, null, message);
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
