package dev.penstock.gateway.wire;

import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.common.contract.Usage;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** What we must know of a whole chat completion, which is otherwise passed on as it came. */
public record ChatAnswer(String model, Usage usage) {
    /** Reads a backend's body; null where it is no chat completion. */
    public static @Nullable ChatAnswer read(byte[] body, String fallbackModel) {
        try {
            JsonNode tree = Json.MAPPER.readTree(body);
            if (tree == null || !tree.path("choices").isArray()) {
                return null;
            }
            return new ChatAnswer(tree.path("model").asText(fallbackModel), usage(tree.path("usage")));
        } catch (IOException e) {
            return null;
        }
    }

    static Usage usage(JsonNode usage) {
        return usage.isObject()
                ? split(
                        usage.path("prompt_tokens").asLong(0),
                        usage.path("prompt_tokens_details")
                                .path("cached_tokens")
                                .asLong(0),
                        usage.path("completion_tokens").asLong(0),
                        usage.path("completion_tokens_details")
                                .path("reasoning_tokens")
                                .asLong(0))
                : Usage.NONE;
    }

    /** OpenAI counts cached tokens within the prompt and reasoning within the completion. */
    private static Usage split(long prompt, long cached, long completion, long reasoning) {
        long read = Math.clamp(cached, 0, Math.max(0, prompt));
        long thought = Math.clamp(reasoning, 0, Math.max(0, completion));
        return new Usage(prompt - read, read, 0, completion - thought, thought, false);
    }
}
