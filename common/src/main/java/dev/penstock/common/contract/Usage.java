package dev.penstock.common.contract;

/**
 * Tokens of one call as the backend counted them.
 *
 * @param inputTokens tokens read, without cached ones counted twice
 * @param outputTokens tokens written
 * @param estimated true where the backend did not say and we counted ourselves
 */
public record Usage(long inputTokens, long outputTokens, boolean estimated) {
    public static final Usage NONE = new Usage(0, 0, false);

    public Usage plus(Usage other) {
        return new Usage(
                inputTokens + other.inputTokens, outputTokens + other.outputTokens, estimated || other.estimated);
    }
}
