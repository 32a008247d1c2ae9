package dev.penstock.gateway.wire;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.penstock.common.config.Api;
import dev.penstock.common.contract.Operation;
import dev.penstock.common.contract.Usage;
import dev.penstock.common.upstream.Outbound;
import dev.penstock.common.upstream.UpstreamClient.Answer;
import dev.penstock.common.upstream.UsageFields;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A request in Anthropic's form, answered by a server that speaks OpenAI's. */
final class ServedMessagesAdapter implements Adapter {
    private final ModelRequest request;
    private final Api api;
    private final String model;

    /** @param model its name at the instance */
    ServedMessagesAdapter(ModelRequest request, Api api, String model) {
        this.request = request;
        this.api = api;
        this.model = model;
    }

    @Override
    public Outbound outbound() {
        ObjectNode body = MessagesToChat.translate(request, api, model);
        return Outbound.of(Outbound.path(api, Operation.CHAT), Buffer.buffer(Json.bytes(body)));
    }

    @Override
    public @Nullable Reading read(Answer answer) {
        JsonNode chat = Reading.tree(answer.body());
        if (chat == null
                || !chat.path("choices").isArray()
                || chat.path("choices").isEmpty()) {
            return null;
        }
        Usage usage = UsageFields.openAi(chat.path("usage"));
        String named = chat.path("model").asText(model);
        JsonNode choice = chat.path("choices").get(0);
        ObjectNode message = message(chat.path("id").asText(), named);
        fill((ArrayNode) message.path("content"), choice.path("message"));
        message.put("stop_reason", stopReason(choice.path("finish_reason").asText("stop")));
        message.set("usage", usage(usage));
        return new Reading(Buffer.buffer(Json.bytes(message)), named, usage);
    }

    @Override
    public StreamReader stream() {
        return new ChatToMessagesStream(model);
    }

    /** A message without content yet. */
    static ObjectNode message(String id, String model) {
        ObjectNode message = Json.MAPPER
                .createObjectNode()
                .put("id", id.startsWith("msg_") ? id : "msg_" + id)
                .put("type", "message")
                .put("role", "assistant")
                .put("model", model);
        message.putArray("content");
        return message.putNull("stop_reason").putNull("stop_sequence");
    }

    private static void fill(ArrayNode blocks, JsonNode answer) {
        String thoughts = reasoning(answer);
        if (!thoughts.isEmpty()) {
            blocks.addObject().put("type", "thinking").put("thinking", thoughts).put("signature", "");
        }
        String text = answer.path("content").asText("");
        String refusal = answer.path("refusal").asText("");
        if (!answer.path("content").isNull() && !text.isEmpty()) {
            blocks.addObject().put("type", "text").put("text", text);
        } else if (!answer.path("refusal").isNull() && !refusal.isEmpty()) {
            blocks.addObject().put("type", "text").put("text", refusal);
        }
        for (JsonNode call : answer.path("tool_calls")) {
            blocks.addObject()
                    .put("type", "tool_use")
                    .put("id", call.path("id").asText())
                    .put("name", call.path("function").path("name").asText())
                    .set("input", input(call.path("function").path("arguments").asText("")));
        }
    }

    /** What DeepSeek, vLLM and Ollama call the thoughts of a model. */
    static String reasoning(JsonNode node) {
        JsonNode text = node.hasNonNull("reasoning_content") ? node.get("reasoning_content") : node.path("reasoning");
        return text.isTextual() ? text.textValue() : "";
    }

    /** The arguments that a model wrote; what is no object is kept as text, since a tool must be told. */
    private static JsonNode input(String arguments) {
        try {
            JsonNode tree = arguments.isBlank() ? null : Json.MAPPER.readTree(arguments);
            if (tree != null && tree.isObject()) {
                return tree;
            }
        } catch (IOException e) {
            // kept as text below
        }
        ObjectNode input = Json.MAPPER.createObjectNode();
        return arguments.isBlank() ? input : input.put("arguments", arguments);
    }

    /** Anthropic's word for why an answer ended. */
    static String stopReason(String finish) {
        return switch (finish) {
            case "length" -> "max_tokens";
            case "tool_calls", "function_call" -> "tool_use";
            case "content_filter" -> "refusal";
            default -> "end_turn";
        };
    }

    /** Usage as Anthropic writes it: what the cache gave is beside the input. */
    static ObjectNode usage(Usage usage) {
        return Json.MAPPER
                .createObjectNode()
                .put("input_tokens", usage.inputTokens())
                .put("cache_creation_input_tokens", usage.cacheWriteTokens())
                .put("cache_read_input_tokens", usage.cachedTokens())
                .put("output_tokens", usage.written());
    }
}
