package dev.penstock.common.pool.policy;

import dev.penstock.common.config.OutlierConfig;
import java.util.List;
import java.util.function.DoubleSupplier;

/**
 * Leaves an instance out for a while because it fails more than its fellows: failures in a row, or over 10 s a share
 * above one half and above the mean of the others by 1.9 standard deviations. The others without it: with it, one of
 * three could never stand out. Never more than a share of the pool, and never the last one. Not safe for use by several
 * threads.
 */
final class Ejection {
    private static final int LEAST_CALLS = 20;
    private static final double TOO_MANY = 0.5;
    private static final double DEVIATIONS = 1.9;
    private static final double JITTER = 0.2;
    private static final int SMALL_POOL = 4;

    private final OutlierConfig rules;
    private final DoubleSupplier chance;
    private int inRow;
    private int times;
    private boolean out;
    private long until;
    private long calmSince;
    private long count;

    Ejection(OutlierConfig rules, DoubleSupplier chance) {
        this.rules = rules;
        this.chance = chance;
    }

    boolean active(long nowNanos) {
        if (out && nowNanos - until >= 0) {
            out = false;
            inRow = 0;
            calmSince = until;
        }
        return out;
    }

    long count() {
        return count;
    }

    void reset() {
        out = false;
        inRow = 0;
    }

    /**
     * A call of {@code self} has ended. True if it is ejected by this.
     *
     * @param members the pool without those that leave, {@code self} among them
     */
    boolean ended(Node self, Outcome outcome, List<Node> members, long nowNanos) {
        if (outcome == Outcome.SUCCESS) {
            inRow = 0;
        }
        if (outcome != Outcome.FAILURE || active(nowNanos) || rules.failures() == 0) {
            return false;
        }
        inRow++;
        boolean suspect = inRow >= rules.failures() || standsOut(self, members, nowNanos);
        if (!suspect || !room(members, nowNanos)) {
            return false;
        }
        eject(nowNanos);
        return true;
    }

    private void eject(long nowNanos) {
        long base = rules.time().toNanos();
        // One is forgiven for each healthy stretch as long as a first ejection.
        times = (int) Math.max(0, times - (nowNanos - calmSince) / base) + 1;
        double wait = Math.min((double) base * times, (double) rules.maxTime().toNanos());
        until = nowNanos + (long) (wait * (1 + JITTER * chance.getAsDouble()));
        out = true;
        inRow = 0;
        count++;
    }

    /** Whether one more may go. */
    private boolean room(List<Node> members, long nowNanos) {
        Integer percent = rules.maxPercent();
        int most = members.size() * (percent != null ? percent : members.size() <= SMALL_POOL ? 50 : 33) / 100;
        int gone = 0;
        int there = 0;
        for (Node node : members) {
            gone += node.ejection.active(nowNanos) ? 1 : 0;
            there += node.ejection.active(nowNanos) || !node.onlyBusy(nowNanos) ? 0 : 1;
        }
        return gone + 1 <= most && there > 1;
    }

    private static boolean standsOut(Node self, List<Node> members, long nowNanos) {
        FailureWindow.Figures own = self.breaker.figures(nowNanos);
        if (own.calls() < LEAST_CALLS) {
            return false;
        }
        double sum = 0;
        double squares = 0;
        int n = 0;
        for (Node node : members) {
            FailureWindow.Figures figures = node.breaker.figures(nowNanos);
            if (node != self && figures.calls() >= LEAST_CALLS) {
                sum += figures.failureShare();
                squares += figures.failureShare() * figures.failureShare();
                n++;
            }
        }
        double mean = n == 0 ? 0 : sum / n;
        double deviation = n == 0 ? 0 : Math.sqrt(Math.max(0, squares / n - mean * mean));
        return own.failureShare() > Math.max(TOO_MANY, mean + DEVIATIONS * deviation);
    }
}
