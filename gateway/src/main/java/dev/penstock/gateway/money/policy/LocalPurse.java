package dev.penstock.gateway.money.policy;

/**
 * One gateway's view of one budget in one period: what the shared state last said, and what this gateway may still spend
 * by itself while nobody else can be asked. Not thread-safe.
 *
 * <p>When the shared state goes away, what was left is divided among the gateways that were alive then; each spends its
 * part and no more. So a cluster overshoots only by what others had set aside since this gateway last heard, and by
 * gateways that it did not know. What was spent alone is handed over by {@link #takeSpentAlone} when the state is back.
 */
public final class LocalPurse {
    private final long limitNanos;
    private long usedElsewhere;
    private long reservedHere;
    private long spentAlone;
    private long share = -1;

    /** @param usedNanos spent and set aside by everybody, as far as is known */
    public LocalPurse(long limitNanos, long usedNanos) {
        this.limitNanos = limitNanos;
        this.usedElsewhere = Math.max(0, usedNanos);
    }

    /** The shared state answered. */
    public void heard(long usedNanos) {
        usedElsewhere = Math.max(0, usedNanos);
        share = -1;
    }

    /**
     * Sets something aside without asking anybody.
     *
     * @param gateways alive now, this one included
     * @return whether this gateway's part allows that; nothing is free of charge except what costs nothing
     */
    public boolean reserve(long nanos, int gateways) {
        if (share < 0) {
            share = Math.max(0, limitNanos - usedElsewhere) / Math.max(1, gateways);
        }
        if (nanos > 0 && spentAlone + reservedHere + nanos > share) {
            return false;
        }
        reservedHere += nanos;
        return true;
    }

    /** What was set aside here becomes what was used. */
    public void settle(long reservedNanos, long usedNanos) {
        reservedHere -= reservedNanos;
        spentAlone += usedNanos;
    }

    /** What may still be spent here while alone. */
    public long left(int gateways) {
        long part = share < 0 ? Math.max(0, limitNanos - usedElsewhere) / Math.max(1, gateways) : share;
        return Math.max(0, part - spentAlone - reservedHere);
    }

    /** Spent and set aside, as far as is known here. */
    public long used() {
        return usedElsewhere + spentAlone + reservedHere;
    }

    /** What this gateway spent alone, once: the shared state must be told. */
    public long takeSpentAlone() {
        long spent = spentAlone;
        spentAlone = 0;
        usedElsewhere += spent;
        share = share < 0 ? -1 : Math.max(0, share - spent);
        return spent;
    }
}
