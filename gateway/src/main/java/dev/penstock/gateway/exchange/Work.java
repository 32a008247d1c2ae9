package dev.penstock.gateway.exchange;

/** What was done upstream for a request: for headers, metrics and logs. */
public final class Work {
    private String instance = "";
    private int attempts;
    private int batchSize;
    private long tokensIn;
    private long tokensOut;

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
