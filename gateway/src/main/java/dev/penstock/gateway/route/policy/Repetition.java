package dev.penstock.gateway.route.policy;

import java.util.Set;

/** Whether a call may be sent once more (RFC 9110 §9.2.2). Pure. */
public final class Repetition {
    private static final Set<String> SAFE = Set.of("GET", "HEAD", "OPTIONS", "TRACE");

    private Repetition() {}

    /** How far an attempt came. */
    public enum Reached {
        /** No byte of the request left. */
        NOTHING,
        /** The upstream may have seen it, and no answer came. */
        SENT,
        /** It refused with a status that says: later, or elsewhere. */
        REFUSED
    }

    /** Whether repeating the request does no harm. */
    public static boolean repeatable(String method, boolean idempotencyKey) {
        return idempotencyKey || SAFE.contains(method);
    }

    /**
     * Whether another attempt may follow, the budget aside.
     *
     * @param bodyKept whether the whole request can be sent again
     */
    public static boolean again(Reached reached, boolean repeatable, boolean bodyKept, int attempts, int mostAttempts) {
        return attempts < mostAttempts && bodyKept && (reached == Reached.NOTHING || repeatable);
    }

    /** Whether a status means that another instance may do better. */
    public static boolean refused(int status) {
        return status == 502 || status == 503 || status == 504;
    }
}
