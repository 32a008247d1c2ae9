package dev.penstock.gateway.policy;

import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import org.jspecify.annotations.Nullable;

/**
 * Whether a refusal only says that a model's pool is on its way to another member: then the same wish goes to the new owner
 * after a short pause. A refusal by an owner that is still there is the pool's own and stands.
 */
public final class PoolMove {
    /** With the pauses doubling this is a second and a half: a lost member is known well within that. */
    private static final int MAX_TRIES = 6;

    private static final long FIRST_PAUSE_MILLIS = 50;

    private PoolMove() {}

    /**
     * How long to wait before the next try, or -1 where there is none.
     *
     * @param tries how many there were, at least 1
     * @param asked the owner that was asked, null where there was none
     * @param owner the owner now, null where there is none
     */
    public static long pauseMillis(Fault refusal, int tries, @Nullable String asked, @Nullable String owner) {
        boolean moved = refusal.code() == FaultCode.MEMBER_LOST
                || (refusal.code() == FaultCode.UNAVAILABLE && asked != null && !asked.equals(owner));
        return moved && tries < MAX_TRIES ? FIRST_PAUSE_MILLIS << (tries - 1) : -1;
    }
}
