package dev.penstock.common.upstream;

import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.common.contract.Usage;

/** The usage objects of the APIs, taken apart into classes that do not overlap. Pure; {@link Usage#NONE} where there is none. */
public final class UsageFields {
    /** Tokens. No call has more: a count beyond it is nonsense, and as if the backend had not counted. */
    private static final long MOST = 1_000_000_000;

    private UsageFields() {}

    /**
     * Of chats, completions, embeddings and what imitates them: OpenAI counts cached tokens within the prompt and reasoning
     * within the completion. A total without parts, as rerankers give it, was all read.
     */
    public static Usage openAi(JsonNode usage) {
        if (!usage.isObject()) {
            return Usage.NONE;
        }
        JsonNode prompt = usage.has("prompt_tokens") ? usage.path("prompt_tokens") : usage.path("total_tokens");
        return split(
                prompt.asLong(0),
                usage.path("prompt_tokens_details").path("cached_tokens").asLong(0),
                usage.path("completion_tokens").asLong(0),
                usage.path("completion_tokens_details").path("reasoning_tokens").asLong(0));
    }

    /** Of OpenAI's responses: other names, the same nesting. */
    public static Usage responses(JsonNode usage) {
        return usage.isObject()
                ? split(
                        usage.path("input_tokens").asLong(0),
                        usage.path("input_tokens_details").path("cached_tokens").asLong(0),
                        usage.path("output_tokens").asLong(0),
                        usage.path("output_tokens_details")
                                .path("reasoning_tokens")
                                .asLong(0))
                : Usage.NONE;
    }

    /** Of Anthropic's messages: what the cache gave and took is beside the input; thinking is part of the output. */
    public static Usage messages(JsonNode usage) {
        return usage.isObject()
                ? new Usage(
                        count(usage, "input_tokens"),
                        count(usage, "cache_read_input_tokens"),
                        count(usage, "cache_creation_input_tokens"),
                        count(usage, "output_tokens"),
                        0,
                        false)
                : Usage.NONE;
    }

    private static Usage split(long prompt, long cached, long completion, long reasoning) {
        long in = sane(prompt);
        long out = sane(completion);
        long read = Math.clamp(cached, 0, in);
        long thought = Math.clamp(reasoning, 0, out);
        return new Usage(in - read, read, 0, out - thought, thought, false);
    }

    private static long sane(long count) {
        return count < 0 || count > MOST ? 0 : count;
    }

    private static long count(JsonNode usage, String field) {
        return sane(usage.path(field).asLong(0));
    }
}
