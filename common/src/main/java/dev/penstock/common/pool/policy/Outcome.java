package dev.penstock.common.pool.policy;

/** How a call ended, as far as its instance is concerned. */
public enum Outcome {
    /** An answer, whatever its status, that says nothing against the instance. */
    SUCCESS,
    /** A failure of the instance: 5xx, no answer in time, an answer or connection that broke off. */
    FAILURE,
    /** No connection could be made: it is taken out at once, until a check finds it again. */
    UNREACHABLE,
    /** It asks for a pause (429, or 503 with Retry-After), which says nothing about its health. */
    THROTTLED,
    /** Nothing can be told: the caller went away, or nothing was sent. */
    NEUTRAL;

    /** Of an HTTP answer. */
    public static Outcome ofStatus(int status, boolean retryAfter) {
        if (status == 429 || (status == 503 && retryAfter)) {
            return THROTTLED;
        }
        // 501 and 505 and the like speak about the request.
        return status == 500 || (status >= 502 && status <= 504) ? FAILURE : SUCCESS;
    }
}
