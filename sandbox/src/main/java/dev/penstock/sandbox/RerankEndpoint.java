package dev.penstock.sandbox;

import dev.penstock.sandbox.policy.FeatureHashing;
import dev.penstock.sandbox.policy.Tokens;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code POST /v1/rerank}, shaped like Cohere's and Jina's: documents by the likeness of their hashed features to the query's. */
final class RerankEndpoint {
    private RerankEndpoint() {}

    /** A call that can be answered. */
    record Request(String model, String query, List<String> documents, int top, boolean withDocuments) {}

    private record Ranked(int index, double score) {}

    static Request read(String model, JsonObject body) {
        String query = Fields.text(body, "query", "");
        boolean listed = body.getValue("documents") instanceof JsonArray array
                && !array.isEmpty()
                && array.size() <= SandboxOptions.MAX_ITEMS;
        if (query.isEmpty() || !listed) {
            throw WireFault.badRequest("query must be a text and documents an array of 1 to 2048 texts.");
        }
        List<String> documents = new ArrayList<>();
        for (Object document : body.getJsonArray("documents")) {
            documents.add(text(document));
        }
        Integer top = Fields.integer(body, "top_n", 1, Integer.MAX_VALUE);
        return new Request(
                model,
                query,
                documents,
                top == null ? documents.size() : Math.min(top, documents.size()),
                Fields.flag(body, "return_documents"));
    }

    private static String text(@Nullable Object document) {
        return switch (document) {
            case String text -> text;
            case JsonObject object when object.getValue("text") instanceof String text -> text;
            case null, default -> throw WireFault.badRequest("documents must be texts, or objects with a text.");
        };
    }

    static Buffer answer(Request call, String id) {
        float[] query = FeatureHashing.ofText(call.query(), FeatureHashing.DEFAULT_DIMENSIONS);
        List<Ranked> ranked = new ArrayList<>();
        long tokens = Tokens.count(call.query());
        for (int i = 0; i < call.documents().size(); i++) {
            String document = call.documents().get(i);
            tokens += Tokens.count(document);
            ranked.add(new Ranked(i, likeness(query, FeatureHashing.ofText(document, query.length))));
        }
        ranked.sort(Comparator.comparingDouble(Ranked::score).reversed());
        JsonArray results = new JsonArray();
        for (Ranked one : ranked.subList(0, call.top())) {
            JsonObject result = new JsonObject().put("index", one.index()).put("relevance_score", one.score());
            if (call.withDocuments()) {
                result.put(
                        "document",
                        new JsonObject().put("text", call.documents().get(one.index())));
            }
            results.add(result);
        }
        return new JsonObject()
                .put("id", id)
                .put("model", call.model())
                .put("results", results)
                .put(
                        "meta",
                        new JsonObject()
                                .put("api_version", new JsonObject().put("version", "1"))
                                .put("billed_units", new JsonObject().put("search_units", 1)))
                .put("usage", new JsonObject().put("prompt_tokens", tokens).put("total_tokens", tokens))
                .toBuffer();
    }

    /** The cosine, moved to 0 to 1. */
    private static double likeness(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return (1 + sum) / 2;
    }
}
