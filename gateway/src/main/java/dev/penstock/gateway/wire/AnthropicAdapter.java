package dev.penstock.gateway.wire;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.penstock.common.config.Api;
import dev.penstock.common.config.InstanceConfig;
import dev.penstock.common.contract.Operation;
import dev.penstock.common.contract.Usage;
import dev.penstock.common.upstream.Outbound;
import dev.penstock.common.upstream.UpstreamClient.Answer;
import dev.penstock.common.upstream.UsageFields;
import io.vertx.core.buffer.Buffer;
import java.time.Clock;
import org.jspecify.annotations.Nullable;

/** A chat in OpenAI's form, answered by Anthropic. */
final class AnthropicAdapter implements Adapter {
    private final ModelRequest request;
    private final String model;
    private final int maxTokens;
    private final long created;

    /** @param model its name at the instance */
    AnthropicAdapter(ModelRequest request, InstanceConfig instance, String model, Clock clock) {
        this.request = request;
        this.model = model;
        Integer most = instance.maxTokens();
        this.maxTokens = most == null ? 0 : most;
        this.created = clock.instant().getEpochSecond();
    }

    @Override
    public Outbound outbound() {
        ObjectNode body = ChatToMessages.translate(request, model, maxTokens);
        return Outbound.of(Outbound.path(Api.ANTHROPIC, Operation.CHAT), Buffer.buffer(Json.bytes(body)));
    }

    @Override
    public @Nullable Reading read(Answer answer) {
        JsonNode message = Reading.tree(answer.body());
        if (message == null || !message.path("content").isArray()) {
            return null;
        }
        Usage usage = UsageFields.messages(message.path("usage"));
        String named = message.path("model").asText(model);
        ObjectNode chat = Json.MAPPER
                .createObjectNode()
                .put("id", message.path("id").asText())
                .put("object", "chat.completion")
                .put("created", created)
                .put("model", named);
        ObjectNode choice = chat.putArray("choices").addObject().put("index", 0);
        fill(choice.putObject("message").put("role", "assistant"), message.path("content"));
        choice.putNull("logprobs")
                .put("finish_reason", finish(message.path("stop_reason").asText("end_turn")));
        chat.set("usage", usage(usage));
        return new Reading(Buffer.buffer(Json.bytes(chat)), named, usage);
    }

    @Override
    public StreamReader stream() {
        return new MessagesToChatStream(model, created, request.wantsUsage());
    }

    private static void fill(ObjectNode answer, JsonNode blocks) {
        StringBuilder text = new StringBuilder();
        StringBuilder thoughts = new StringBuilder();
        ArrayNode calls = Json.MAPPER.createArrayNode();
        for (JsonNode block : blocks) {
            switch (block.path("type").asText()) {
                case "text" -> text.append(block.path("text").asText());
                case "thinking" -> thoughts.append(block.path("thinking").asText());
                case "tool_use" ->
                    calls.addObject()
                            .put("id", block.path("id").asText())
                            .put("type", "function")
                            .putObject("function")
                            .put("name", block.path("name").asText())
                            .put("arguments", block.path("input").toString());
                default -> {} // what only Anthropic has, such as redacted thinking
            }
        }
        if (text.isEmpty() && !calls.isEmpty()) {
            answer.putNull("content");
        } else {
            answer.put("content", text.toString());
        }
        answer.putNull("refusal");
        if (!thoughts.isEmpty()) {
            answer.put("reasoning_content", thoughts.toString());
        }
        if (!calls.isEmpty()) {
            answer.set("tool_calls", calls);
        }
    }

    /** OpenAI's word for why a message ended. */
    static String finish(String stopReason) {
        return switch (stopReason) {
            case "max_tokens", "model_context_window_exceeded" -> "length";
            case "tool_use" -> "tool_calls";
            case "refusal" -> "content_filter";
            default -> "stop";
        };
    }

    /** Usage as OpenAI writes it: what the cache gave is part of the prompt. */
    static ObjectNode usage(Usage usage) {
        ObjectNode out = Json.MAPPER
                .createObjectNode()
                .put("prompt_tokens", usage.read())
                .put("completion_tokens", usage.written())
                .put("total_tokens", usage.total());
        out.putObject("prompt_tokens_details").put("cached_tokens", usage.cachedTokens());
        return out;
    }
}
