package dev.penstock.sandbox;

import dev.penstock.sandbox.policy.Sentiment;
import dev.penstock.sandbox.policy.Tokens;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;

/** {@code POST /v1/classify}, shaped like vLLM's: a label and its probabilities for each text. */
final class ClassifyEndpoint {
    private ClassifyEndpoint() {}

    static Request read(String model, JsonObject body) {
        Object input = body.getValue("input");
        if (input instanceof String text) {
            return new Request(model, List.of(text));
        }
        if (!(input instanceof JsonArray array) || array.isEmpty() || array.size() > SandboxOptions.MAX_ITEMS) {
            throw WireFault.badRequest("input must be a text or an array of 1 to 2048 texts.");
        }
        List<String> texts = new ArrayList<>(array.size());
        for (Object item : array) {
            if (!(item instanceof String text)) {
                throw WireFault.badRequest("input must hold only texts.");
            }
            texts.add(text);
        }
        return new Request(model, texts);
    }

    /** A call that can be answered. */
    record Request(String model, List<String> texts) {
        int items() {
            return texts.size();
        }

        Buffer answer(String id, long created) {
            JsonArray data = new JsonArray();
            int tokens = 0;
            for (int index = 0; index < texts.size(); index++) {
                double[] probabilities = Sentiment.probabilities(texts.get(index));
                tokens += Tokens.count(texts.get(index));
                JsonArray probs = new JsonArray();
                for (double probability : probabilities) {
                    probs.add(probability);
                }
                data.add(new JsonObject()
                        .put("index", index)
                        .put("label", Sentiment.LABELS.get(Sentiment.best(probabilities)))
                        .put("probs", probs)
                        .put("num_classes", probabilities.length));
            }
            return new JsonObject()
                    .put("id", id)
                    .put("object", "list")
                    .put("created", created)
                    .put("model", model)
                    .put("data", data)
                    .put("usage", new JsonObject().put("prompt_tokens", tokens).put("total_tokens", tokens))
                    .toBuffer();
        }
    }
}
