package dev.penstock.common.fault;

/** Why a call failed, in words that every hop and every caller understands. Names travel on the bus: add, never rename. */
public enum FaultCode {
    INVALID_REQUEST(400, false),
    UNAUTHENTICATED(401, false),
    FORBIDDEN(403, false),
    NOT_FOUND(404, false),
    MODEL_NOT_FOUND(404, false),
    METHOD_NOT_ALLOWED(405, false),
    CONFLICT(409, false),
    /** An {@code Idempotency-Key} that was used for another body. */
    KEY_REUSED(422, false),
    TOO_LARGE(413, false),
    UNSUPPORTED_MEDIA_TYPE(415, false),
    /** The model itself refused the caller's input; {@link Fault#status()} carries its own status. */
    UPSTREAM_REJECTED(400, false),
    RATE_LIMITED(429, true),
    QUOTA_EXCEEDED(429, false),
    /** The caller hung up; nobody reads the answer. */
    CANCELLED(499, false),
    INTERNAL(500, false),
    /** The backend failed or answered nonsense. */
    UPSTREAM_ERROR(502, true),
    /** The member that held the call left the cluster. */
    MEMBER_LOST(502, true),
    /** A bounded queue is full, or the estimate says that the answer would come too late. */
    OVERLOADED(503, true),
    /** A dependency that this call needs is away. */
    UNAVAILABLE(503, true),
    /** The caller's time was spent. */
    TIMEOUT(504, true);

    private final int status;
    private final boolean retryable;

    FaultCode(int status, boolean retryable) {
        this.status = status;
        this.retryable = retryable;
    }

    /** The HTTP status that a caller sees. */
    public int status() {
        return status;
    }

    /** Whether the same call may succeed later, as far as the code alone can tell. */
    public boolean retryable() {
        return retryable;
    }
}
