package dev.penstock.gateway.policy;

/**
 * A smoothed rate: the generic cell rate algorithm of ATM Forum TM 4.0, on one number, the theoretical arrival time. In any
 * interval it admits at most {@code rate × interval + burst}. Time is in microseconds on any scale that does not go back;
 * confined to one thread or guarded. The script {@code limits.lua} decides the same on Redis.
 */
public final class Gcra {
    private double arrival;
    /** When the bucket was last full: what was taken before then cannot be given back, it has grown back. */
    private double full = Double.NEGATIVE_INFINITY;

    private boolean begun;

    /**
     * Microseconds until {@code n} may be taken; 0 where that is now.
     *
     * @param gap microseconds between two at the sustained rate
     */
    public double waitMicros(double now, long n, double gap, long burst) {
        return Math.max(0, base(now) + n * gap - burst * gap - now);
    }

    /** How many may be taken now. */
    public long available(double now, double gap, long burst) {
        return Math.max(0, (long) Math.floor((burst * gap - (base(now) - now)) / gap + 1e-9));
    }

    /** Takes {@code n}, also where they are there only later. */
    public void take(double now, long n, double gap) {
        double base = base(now);
        if (base == now) {
            full = now;
        }
        arrival = base + n * gap;
        begun = true;
    }

    /** Gives {@code n} of those back that were taken at {@code takenAt}; never more than a full bucket comes of it. */
    public void giveBack(double takenAt, long n, double gap) {
        if (begun && takenAt >= full) {
            arrival -= n * gap;
        }
    }

    private double base(double now) {
        return begun ? Math.max(arrival, now) : now;
    }
}
