package dev.penstock.gateway.policy;

/**
 * Whether a call that cannot be merged, such as a chat, may go to another instance. Only before the caller has seen
 * anything, and only where the first instance has surely not done the work: a chat is not safe to repeat by itself.
 */
public record Failover(int maxAttempts) {
    /** Why an attempt brought no answer. */
    public enum Cause {
        /** No byte of the request left. */
        NOT_SENT,
        /** The request left and nothing usable came back: the work may have been done, and may be billed. */
        LOST,
        /** A refusal of 429, 502, 503 or 529: the instance says that it did not do it. */
        REFUSED,
        /** Any other answer. */
        ANSWERED
    }

    /** The cause that a status outside 2xx stands for. */
    public static Cause cause(int status) {
        return status == 429 || status == 502 || status == 503 || status == 529 ? Cause.REFUSED : Cause.ANSWERED;
    }

    /**
     * @param attempts calls made so far, at least 1
     * @param repeatable the caller marked the request as safe to repeat (it has an {@code Idempotency-Key})
     * @param untried instances that this request has not been sent to
     */
    public boolean again(int attempts, Cause cause, boolean repeatable, int untried) {
        if (attempts >= maxAttempts || untried <= 0) {
            return false;
        }
        return switch (cause) {
            case NOT_SENT, REFUSED -> true;
            case LOST -> repeatable;
            case ANSWERED -> false;
        };
    }
}
