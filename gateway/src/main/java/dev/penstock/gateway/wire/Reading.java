package dev.penstock.gateway.wire;

import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.common.contract.Usage;
import dev.penstock.common.upstream.UsageFields;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A backend's whole answer, read.
 *
 * @param body as the caller gets it
 * @param model the backend's own name of the model
 */
public record Reading(Buffer body, String model, Usage usage) {
    /** Reads a body that is passed on as it came; null where it is no answer to a request of that form. */
    public static @Nullable Reading of(Form form, Buffer body, String fallbackModel) {
        JsonNode tree = tree(body);
        if (tree == null || !fits(form, tree)) {
            return null;
        }
        JsonNode usage = tree.path("usage");
        Usage read = switch (form) {
            case RESPONSES -> UsageFields.responses(usage);
            case MESSAGES -> UsageFields.messages(usage);
            case RERANK -> rerank(tree);
            default -> UsageFields.openAi(usage);
        };
        return new Reading(body, tree.path("model").asText(fallbackModel), read);
    }

    /** The JSON of a body; null where it is none. */
    static @Nullable JsonNode tree(Buffer body) {
        try {
            return Json.MAPPER.readTree(body.getBytes());
        } catch (IOException e) {
            return null;
        }
    }

    private static boolean fits(Form form, JsonNode tree) {
        return switch (form) {
            case CHAT, COMPLETIONS -> tree.path("choices").isArray();
            case RESPONSES ->
                tree.path("output").isArray() || tree.path("object").asText().equals("response");
            case MODERATIONS -> tree.path("results").isArray();
            case RERANK -> tree.path("results").isArray() || tree.path("data").isArray() || tree.isArray();
            case CLASSIFY -> tree.path("data").isArray() || tree.isArray();
            case MESSAGES -> tree.path("content").isArray();
            case COUNT_TOKENS -> tree.path("input_tokens").isIntegralNumber();
        };
    }

    /** Cohere bills by searches and tells tokens beside them; vLLM, Jina and Voyage have a usage. */
    private static Usage rerank(JsonNode tree) {
        JsonNode tokens = tree.path("meta").path("tokens");
        return tokens.isObject() ? UsageFields.responses(tokens) : UsageFields.openAi(tree.path("usage"));
    }
}
