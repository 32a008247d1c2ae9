package dev.penstock.gateway.wire;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.penstock.common.config.Api;
import dev.penstock.common.contract.Operation;
import dev.penstock.common.contract.Usage;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.upstream.Outbound;
import dev.penstock.common.upstream.UpstreamClient.Answer;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rankings and classes by text-embeddings-inference. A request in that server's own form ({@code texts}, {@code inputs})
 * is passed on and answered as it answers; one in Cohere's or vLLM's form is translated both ways.
 */
final class TeiAdapter implements Adapter {
    private static final String COUNT = "x-compute-tokens";

    private final ObjectNode asked;
    private final String model;
    private final boolean ranks;

    TeiAdapter(ModelRequest request, String model) {
        this.asked = request.tree();
        this.model = model;
        this.ranks = request.form() == Form.RERANK;
    }

    @Override
    public Outbound outbound() {
        ObjectNode body = own() ? asked.deepCopy() : translated();
        body.remove("model");
        Operation operation = ranks ? Operation.RERANK : Operation.CLASSIFY;
        return Outbound.of(Outbound.path(Api.TEI, operation), Buffer.buffer(Json.bytes(body)));
    }

    @Override
    public @Nullable Reading read(Answer answer) {
        JsonNode found = Reading.tree(answer.body());
        if (found == null || !found.isArray()) {
            return null;
        }
        Usage usage = Usage.of(count(answer.headers().get(COUNT)), 0, false);
        Buffer body = own()
                ? answer.body()
                : Buffer.buffer(Json.bytes(ranks ? ranking(found, usage) : classes(found, usage)));
        return new Reading(body, model, usage);
    }

    @Override
    public StreamReader stream() {
        return new ChoiceStream(false); // never asked for: neither form streams
    }

    /** Whether the caller speaks this server's own form. */
    private boolean own() {
        return asked.has(ranks ? "texts" : "inputs");
    }

    private ObjectNode translated() {
        ObjectNode body = Json.MAPPER.createObjectNode();
        for (String kept : List.of("truncate", "truncation_direction", "raw_scores")) {
            if (asked.hasNonNull(kept)) {
                body.set(kept, asked.get(kept));
            }
        }
        if (!ranks) {
            // One text is an array of one, else the server answers in another shape; two in one array would be a pair.
            ArrayNode inputs = body.putArray("inputs");
            JsonNode input = asked.path("input");
            if (input.isTextual()) {
                inputs.addArray().add(input);
            }
            for (JsonNode each : input) {
                if (!each.isTextual()) {
                    throw Fault.invalid("input", "'input' must hold texts for this model's server.");
                }
                inputs.addArray().add(each);
            }
            return body;
        }
        body.set("query", asked.path("query"));
        ArrayNode texts = body.putArray("texts");
        int index = 0;
        for (JsonNode document : asked.path("documents")) {
            JsonNode text = document.isObject() ? document.path("text") : document;
            if (!text.isTextual()) {
                String at = "documents[" + index + "]";
                throw Fault.invalid(at, "'" + at + "' must be a text, or an object with a 'text'.");
            }
            texts.add(text);
            index++;
        }
        return body;
    }

    private ObjectNode ranking(JsonNode found, Usage usage) {
        ObjectNode out = Json.MAPPER.createObjectNode().put("model", model);
        ArrayNode results = out.putArray("results");
        int top = asked.path("top_n").asInt(Integer.MAX_VALUE);
        boolean withText = asked.path("return_documents").asBoolean(false);
        for (JsonNode each : found) {
            if (results.size() < top) {
                int index = each.path("index").asInt();
                ObjectNode result = results.addObject().put("index", index);
                result.set("relevance_score", each.path("score"));
                if (withText) {
                    JsonNode document = asked.path("documents").path(index);
                    result.putObject("document").set("text", document.isObject() ? document.path("text") : document);
                }
            }
        }
        out.set("usage", total(usage));
        return out;
    }

    private ObjectNode classes(JsonNode found, Usage usage) {
        ObjectNode out = Json.MAPPER.createObjectNode().put("object", "list").put("model", model);
        ArrayNode data = out.putArray("data");
        for (JsonNode scores : found) {
            ObjectNode one = data.addObject().put("index", data.size() - 1);
            one.set("label", scores.path(0).path("label"));
            ArrayNode probs = one.putArray("probs");
            ArrayNode labels = one.putArray("labels");
            for (JsonNode score : scores) {
                probs.add(score.path("score"));
                labels.add(score.path("label"));
            }
            one.put("num_classes", scores.size());
        }
        out.set("usage", total(usage));
        return out;
    }

    private static ObjectNode total(Usage usage) {
        return Json.MAPPER.createObjectNode().put("prompt_tokens", usage.read()).put("total_tokens", usage.total());
    }

    private static long count(@Nullable String header) {
        try {
            return header == null ? 0 : Math.max(0, Long.parseLong(header.trim()));
        } catch (NumberFormatException e) {
            return 0;
        }
    }
}
