package dev.penstock.common.fault;

import java.time.Duration;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The one failure that crosses hops. It carries no stack trace: it says what the caller can do, not where we were.
 *
 * <p>What is not a {@code Fault} is a defect of ours and reaches the caller as {@link FaultCode#INTERNAL} without detail.
 */
public final class Fault extends RuntimeException {
    private final FaultCode code;
    private final int status;
    private final @Nullable String param;
    private final @Nullable Duration retryAfter;
    private final @Nullable String backendCode;

    private Fault(FaultCode code, int status, String message, @Nullable String param, @Nullable Duration retryAfter) {
        this(code, status, message, param, retryAfter, null);
    }

    private Fault(
            FaultCode code,
            int status,
            String message,
            @Nullable String param,
            @Nullable Duration retryAfter,
            @Nullable String backendCode) {
        super(message, null, false, false);
        this.backendCode = backendCode;
        this.code = code;
        this.status = status;
        this.param = param;
        this.retryAfter = retryAfter;
    }

    public static Fault of(FaultCode code, String message) {
        return new Fault(code, code.status(), message, null, null);
    }

    /** A wrong field of the request; {@code param} is its path as the caller wrote it, for example {@code messages[2].role}. */
    public static Fault invalid(String param, String message) {
        return new Fault(FaultCode.INVALID_REQUEST, 400, message, param, null);
    }

    /** A refusal with the honest time to come back. */
    public static Fault retryLater(FaultCode code, String message, Duration retryAfter) {
        return new Fault(code, code.status(), message, null, retryAfter);
    }

    /**
     * A refusal by the backend of what the caller asked.
     *
     * @param backendCode its own word for the reason, such as {@code context_length_exceeded}; does not cross the bus
     */
    public static Fault rejected(int status, String message, @Nullable String param, @Nullable String backendCode) {
        return new Fault(FaultCode.UPSTREAM_REJECTED, status, message, param, null, backendCode);
    }

    /** A fault in full, as it comes from the bus or from a backend that chose its own status. */
    public static Fault detailed(
            FaultCode code, int status, String message, @Nullable String param, @Nullable Duration retryAfter) {
        return new Fault(code, status, message, param, retryAfter);
    }

    /** {@code cause} itself if it is a fault, a timeout as {@link FaultCode#TIMEOUT}, anything else as a bare internal one. */
    public static Fault from(Throwable cause) {
        return switch (cause) {
            case Fault fault -> fault;
            case TimeoutException ignored -> of(FaultCode.TIMEOUT, "The time for this request was spent.");
            default -> of(FaultCode.INTERNAL, "Internal error; the log has the details under this request's id.");
        };
    }

    public FaultCode code() {
        return code;
    }

    /** The HTTP status, normally the code's own. */
    public int status() {
        return status;
    }

    /** The message; never null here. */
    public String reason() {
        String message = getMessage();
        return message == null ? code.name() : message;
    }

    public @Nullable String param() {
        return param;
    }

    /** The backend's own word for a refusal, which callers' programs ask for; null where it gave none. */
    public @Nullable String backendCode() {
        return backendCode;
    }

    public @Nullable Duration retryAfter() {
        return retryAfter;
    }

    public boolean retryable() {
        return code.retryable();
    }
}
