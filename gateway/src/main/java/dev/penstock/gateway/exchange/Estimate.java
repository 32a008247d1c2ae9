package dev.penstock.gateway.exchange;

/**
 * What a request will probably use, before anybody has counted.
 *
 * @param inputTokens tokens of the prompt or inputs that still have to be computed
 * @param outputTokens the smaller of what the caller allows and what the model usually writes; 0 where nothing is written
 */
public record Estimate(long inputTokens, long outputTokens) {
    public static final Estimate NONE = new Estimate(0, 0);

    public long total() {
        return inputTokens + outputTokens;
    }
}
