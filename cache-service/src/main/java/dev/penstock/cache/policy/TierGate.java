package dev.penstock.cache.policy;

/**
 * Keeps lookups from waiting again and again on a tier that is connected but does not answer: after some failures in a
 * row the tier is left alone for a while, then tried again by whoever comes first. Used by one thread.
 */
public final class TierGate {
    private final int tolerated;
    private final long restNanos;
    private int failures;
    private long restUntil;
    private boolean resting;

    /**
     * @param tolerated failures in a row before the tier rests
     * @param restNanos how long it rests
     */
    public TierGate(int tolerated, long restNanos) {
        this.tolerated = tolerated;
        this.restNanos = restNanos;
    }

    /** Whether the tier should be asked now. After a rest one asks first and the others follow when it succeeded. */
    public boolean open(long now) {
        if (!resting) {
            return true;
        }
        if (restUntil - now > 0) {
            return false;
        }
        restUntil = now + restNanos;
        return true;
    }

    public void succeeded() {
        failures = 0;
        resting = false;
    }

    public void failed(long now) {
        failures++;
        if (failures >= tolerated) {
            resting = true;
            restUntil = now + restNanos;
        }
    }
}
