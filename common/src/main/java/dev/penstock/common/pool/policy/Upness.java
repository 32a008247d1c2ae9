package dev.penstock.common.pool.policy;

import dev.penstock.common.config.HealthCheckConfig;

/**
 * Whether an instance is there, from checks and from connections that could not be made. An instance that comes and goes
 * has to show more good checks each time. Not safe for use by several threads.
 */
final class Upness {
    private static final int MOST_FALLS = 8;
    /** So long without a fall forgives one. */
    private static final long CALM_NANOS = 30_000_000_000L;

    private final HealthCheckConfig rules;
    private boolean down;
    private int good;
    private int bad;
    private int falls;
    private long calmSince;

    Upness(HealthCheckConfig rules) {
        this.rules = rules;
    }

    boolean down() {
        return down;
    }

    /** The result of a check. True if it came back by this one. */
    boolean checked(boolean healthy, long nowNanos) {
        calm(nowNanos);
        good = healthy ? good + 1 : 0;
        bad = healthy ? 0 : bad + 1;
        if (!down && bad >= rules.fall()) {
            fall(nowNanos);
        } else if (down && good >= rules.rise() * Math.max(1, falls)) {
            down = false;
            calmSince = nowNanos;
            return true;
        }
        return false;
    }

    /** No connection could be made: no further proof is needed. True if it fell by this. */
    boolean unreachable(long nowNanos) {
        calm(nowNanos);
        good = 0;
        if (down) {
            return false;
        }
        fall(nowNanos);
        return true;
    }

    private void fall(long nowNanos) {
        down = true;
        good = 0;
        falls = Math.min(MOST_FALLS, falls + 1);
        calmSince = nowNanos;
    }

    private void calm(long nowNanos) {
        while (!down && falls > 0 && nowNanos - calmSince >= CALM_NANOS) {
            falls--;
            calmSince += CALM_NANOS;
        }
    }
}
