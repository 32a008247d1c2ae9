package dev.penstock.sandbox;

import dev.penstock.sandbox.policy.Sentiment;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;

/** {@code POST /v1/moderations}: flags as harassment what the classifier finds negative. For trying, not for moderating. */
final class ModerationsEndpoint {
    private static final List<String> CATEGORIES = List.of(
            "harassment",
            "harassment/threatening",
            "hate",
            "hate/threatening",
            "illicit",
            "illicit/violent",
            "self-harm",
            "self-harm/instructions",
            "self-harm/intent",
            "sexual",
            "sexual/minors",
            "violence",
            "violence/graphic");
    private static final double THRESHOLD = 0.5;

    private ModerationsEndpoint() {}

    static List<String> read(JsonObject body) {
        Object input = body.getValue("input");
        if (input instanceof String text) {
            return List.of(text);
        }
        if (!(input instanceof JsonArray array) || array.isEmpty() || array.size() > SandboxOptions.MAX_ITEMS) {
            throw WireFault.badRequest("input must be a text or an array of 1 to 2048 texts or parts.");
        }
        List<String> texts = new ArrayList<>(array.size());
        for (Object item : array) {
            switch (item) {
                case String text -> texts.add(text);
                case JsonObject part -> texts.add(part.getString("text", ""));
                case null, default -> throw WireFault.badRequest("input must hold texts or parts.");
            }
        }
        return texts;
    }

    static Buffer answer(String model, List<String> texts, String id) {
        JsonArray results = new JsonArray();
        for (String text : texts) {
            double negative = Sentiment.probabilities(text)[0];
            JsonObject flags = new JsonObject();
            JsonObject scores = new JsonObject();
            JsonObject types = new JsonObject();
            for (String category : CATEGORIES) {
                boolean meant = category.equals("harassment");
                flags.put(category, meant && negative > THRESHOLD);
                scores.put(category, meant ? negative : 0.0);
                types.put(category, new JsonArray().add("text"));
            }
            results.add(new JsonObject()
                    .put("flagged", negative > THRESHOLD)
                    .put("categories", flags)
                    .put("category_scores", scores)
                    .put("category_applied_input_types", types));
        }
        return new JsonObject()
                .put("id", id)
                .put("model", model)
                .put("results", results)
                .toBuffer();
    }
}
