package dev.penstock.gateway.exchange;

import dev.penstock.common.contract.Usage;

/** What was done upstream for a request: for headers, metrics and logs. */
public final class Work {
    private String instance = "";
    private int attempts;
    private int batchSize;
    private long tokensIn;
    private long tokensOut;
    private Usage billed = Usage.NONE;
    private long costNanos;
    private int unpriced;

    /** Notes an instance that answered, and the largest batch that carried an item. */
    public void answered(String by, int calls, int size) {
        instance = by;
        attempts = Math.max(attempts, calls);
        batchSize = Math.max(batchSize, size);
    }

    public void attempted(int calls) {
        attempts = Math.max(attempts, calls);
    }

    public void tokens(long in, long out) {
        tokensIn = in;
        tokensOut = out;
    }

    /** An attempt that a backend counts, whether it succeeded or not. */
    public void billed(Usage attempt) {
        billed = billed.plus(attempt);
    }

    /** What the backends counted for this request so far, over all attempts. */
    public Usage billed() {
        return billed;
    }

    /** What an attempt cost, in nano-dollars; negative where nobody knows its price. */
    public void cost(long nanos) {
        if (nanos < 0) {
            unpriced++;
        } else {
            costNanos += nanos;
        }
    }

    /** What all attempts with a known price cost together, in nano-dollars. */
    public long costNanos() {
        return costNanos;
    }

    /** Attempts whose price is not known: with any of them the cost is not known either. */
    public int unpriced() {
        return unpriced;
    }

    /** Empty where no instance was asked. */
    public String instance() {
        return instance;
    }

    public int attempts() {
        return attempts;
    }

    /** 0 where nothing was merged. */
    public int batchSize() {
        return batchSize;
    }

    public long tokensIn() {
        return tokensIn;
    }

    public long tokensOut() {
        return tokensOut;
    }
}
