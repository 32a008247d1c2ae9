package dev.penstock.gateway.wire;

import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.common.config.Api;
import dev.penstock.common.config.ModelConfig;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.List;

/**
 * How many tokens messages have, guessed from the length of their texts, for models whose server cannot count. Within about
 * a third for English prose; less for code and other scripts. Images count nothing.
 */
public final class TokenEstimate {
    /** Characters of English per token, roughly. */
    private static final int CHARS_PER_TOKEN = 4;
    /** What the envelope of a message costs, roughly. */
    private static final int PER_MESSAGE = 4;

    private TokenEstimate() {}

    /** Whether every instance of the model can count by itself. */
    public static boolean countedBy(ModelConfig model) {
        return model.instances().stream().allMatch(instance -> instance.api() == Api.ANTHROPIC);
    }

    /** The answer to a request to count. */
    public static Buffer answer(ModelRequest request) {
        JsonNode tree = request.tree();
        long chars = 0;
        for (String field : List.of("system", "messages", "tools")) {
            chars += chars(tree.path(field));
        }
        long tokens = chars / CHARS_PER_TOKEN
                + (long) PER_MESSAGE * tree.path("messages").size();
        return new JsonObject()
                .put("input_tokens", Math.max(1, tokens))
                .put("estimated", true)
                .toBuffer();
    }

    private static long chars(JsonNode node) {
        if (node.isTextual()) {
            return node.textValue().length();
        }
        long sum = 0;
        for (var field : node.properties()) {
            // A picture's bytes are no text.
            sum += field.getKey().equals("source") ? 0 : chars(field.getValue());
        }
        if (node.isArray()) {
            for (JsonNode element : node) {
                sum += chars(element);
            }
        }
        return sum;
    }
}
