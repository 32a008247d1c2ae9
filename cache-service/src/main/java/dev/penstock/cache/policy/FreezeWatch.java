package dev.penstock.cache.policy;

/**
 * Notices that this process stood still (stopped, swapped out, a long collection) by a beat that came late. What it reads
 * for a while afterwards was sent before, and the callers may have given up: whoever was named leader then would never
 * hear of it, and those who joined would wait for nobody. Used by one thread.
 */
public final class FreezeWatch {
    private final long lateNanos;
    private final long doubtNanos;
    private boolean started;
    private boolean doubting;
    private long lastBeat;
    private long doubtUntil;

    /**
     * @param lateNanos the time between two beats from which on the process counts as frozen
     * @param doubtNanos how long messages of before may still come in after it
     */
    public FreezeWatch(long lateNanos, long doubtNanos) {
        this.lateNanos = lateNanos;
        this.doubtNanos = doubtNanos;
    }

    /** To be called several times within the time that counts as late. */
    public void beat(long now) {
        if (late(now)) {
            doubting = true;
            doubtUntil = now + doubtNanos;
        } else if (doubting && doubtUntil - now <= 0) {
            doubting = false;
        }
        started = true;
        lastBeat = now;
    }

    /** Whether a message that is read now may be from before a freeze. */
    public boolean doubtful(long now) {
        return late(now) || (doubting && doubtUntil - now > 0);
    }

    private boolean late(long now) {
        return started && now - lastBeat > lateNanos;
    }
}
