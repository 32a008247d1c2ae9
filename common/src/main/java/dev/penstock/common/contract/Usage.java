package dev.penstock.common.contract;

/**
 * Tokens of one call as the backend counted them, in classes that do not overlap: their sum is everything that was read
 * or written. OpenAI counts cached tokens inside its input and reasoning inside its output, Anthropic counts cached ones
 * beside its input; whoever reads a backend's answer takes them apart.
 *
 * @param inputTokens tokens read that no cache of the backend held
 * @param cachedTokens tokens read from the backend's prompt cache
 * @param cacheWriteTokens tokens read and put into the backend's prompt cache
 * @param outputTokens tokens written that the caller sees
 * @param reasoningTokens tokens written that the caller does not see
 * @param estimated true where the backend did not say and we counted ourselves
 */
public record Usage(
        long inputTokens,
        long cachedTokens,
        long cacheWriteTokens,
        long outputTokens,
        long reasoningTokens,
        boolean estimated) {
    public static final Usage NONE = new Usage(0, 0, 0, 0, 0, false);

    /** Usage without caches and reasoning. */
    public static Usage of(long inputTokens, long outputTokens, boolean estimated) {
        return new Usage(inputTokens, 0, 0, outputTokens, 0, estimated);
    }

    /** Everything that was read. */
    public long read() {
        return inputTokens + cachedTokens + cacheWriteTokens;
    }

    /** Everything that was written. */
    public long written() {
        return outputTokens + reasoningTokens;
    }

    public long total() {
        return read() + written();
    }

    public Usage plus(Usage other) {
        return new Usage(
                inputTokens + other.inputTokens,
                cachedTokens + other.cachedTokens,
                cacheWriteTokens + other.cacheWriteTokens,
                outputTokens + other.outputTokens,
                reasoningTokens + other.reasoningTokens,
                estimated || other.estimated);
    }
}
