package dev.penstock.gateway.wire;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.penstock.common.contract.Usage;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.upstream.UsageFields;
import dev.penstock.gateway.wire.SseCutter.SseEvent;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Anthropic's events as the chunks of a chat. */
final class MessagesToChatStream implements StreamReader {
    private static final Buffer PING = Buffer.buffer(": ping\n\n");
    private static final String DONE = "data: [DONE]\n\n";

    private final long created;
    private final boolean wantsUsage;
    private final SseCutter cutter = new SseCutter();
    /** Index among the tool calls by index among the blocks. */
    private final Map<Integer, Integer> calls = new HashMap<>();

    private String id = "";
    private String model;
    private Usage usage = Usage.NONE;

    MessagesToChatStream(String model, long created, boolean wantsUsage) {
        this.model = model;
        this.created = created;
        this.wantsUsage = wantsUsage;
    }

    @Override
    public void accept(Buffer bytes, Consumer<Event> events) {
        cutter.accept(bytes, event -> {
            Event made = read(event);
            if (made != null) {
                events.accept(made);
            }
        });
    }

    /** A message without {@code message_stop} broke off. */
    @Override
    public @Nullable Buffer closed() {
        return null;
    }

    @Override
    public Usage usage() {
        return usage;
    }

    @Override
    public Buffer failure(Fault fault) {
        return ChoiceStream.failed(fault);
    }

    @Override
    public Buffer ping() {
        return PING;
    }

    private @Nullable Event read(SseEvent event) {
        JsonNode tree;
        try {
            tree = Json.MAPPER.readTree(event.data());
        } catch (IOException e) {
            throw Fault.of(FaultCode.UPSTREAM_ERROR, "The model sent an event that cannot be read.");
        }
        return switch (tree.path("type").asText()) {
            case "message_start" -> start(tree.path("message"));
            case "content_block_start" -> block(tree);
            case "content_block_delta" -> delta(tree);
            case "message_delta" -> ending(tree);
            case "message_stop" -> new Done(last());
            case "error" -> {
                Fault fault = NamedStream.failure(tree);
                yield new Failed(ChoiceStream.failed(fault), fault);
            }
            default -> null;
        };
    }

    private Event start(JsonNode message) {
        id = message.path("id").asText();
        model = message.path("model").asText(model);
        usage = UsageFields.messages(message.path("usage"));
        ObjectNode delta =
                Json.MAPPER.createObjectNode().put("role", "assistant").put("content", "");
        return chunk(delta, null);
    }

    private @Nullable Event block(JsonNode event) {
        JsonNode block = event.path("content_block");
        if (!block.path("type").asText().equals("tool_use")) {
            return null;
        }
        int index = calls.size();
        calls.put(event.path("index").asInt(), index);
        ObjectNode delta = Json.MAPPER.createObjectNode();
        delta.putArray("tool_calls")
                .addObject()
                .put("index", index)
                .put("id", block.path("id").asText())
                .put("type", "function")
                .putObject("function")
                .put("name", block.path("name").asText())
                .put("arguments", "");
        return chunk(delta, null);
    }

    private @Nullable Event delta(JsonNode event) {
        JsonNode piece = event.path("delta");
        ObjectNode delta = Json.MAPPER.createObjectNode();
        switch (piece.path("type").asText()) {
            case "text_delta" -> delta.set("content", piece.path("text"));
            case "thinking_delta" -> delta.set("reasoning_content", piece.path("thinking"));
            case "input_json_delta" -> {
                Integer index = calls.get(event.path("index").asInt());
                if (index == null) {
                    return null;
                }
                delta.putArray("tool_calls")
                        .addObject()
                        .put("index", index)
                        .putObject("function")
                        .set("arguments", piece.path("partial_json"));
            }
            default -> {
                return null; // signatures of thoughts, citations
            }
        }
        return chunk(delta, null);
    }

    private Event ending(JsonNode event) {
        usage = NamedStream.later(usage, event.path("usage"));
        String reason = event.path("delta").path("stop_reason").asText("end_turn");
        return chunk(Json.MAPPER.createObjectNode(), AnthropicAdapter.finish(reason));
    }

    private Buffer last() {
        Buffer out = Buffer.buffer();
        if (wantsUsage) {
            ObjectNode chunk = envelope();
            chunk.putArray("choices");
            chunk.set("usage", AnthropicAdapter.usage(usage));
            out.appendString("data: ").appendBytes(Json.bytes(chunk)).appendString("\n\n");
        }
        return out.appendString(DONE);
    }

    private Event chunk(ObjectNode delta, @Nullable String finish) {
        ObjectNode chunk = envelope();
        ObjectNode choice = chunk.putArray("choices").addObject().put("index", 0);
        choice.set("delta", delta);
        choice.putNull("logprobs").put("finish_reason", finish);
        if (wantsUsage) {
            chunk.putNull("usage");
        }
        return new Write(Buffer.buffer("data: ").appendBytes(Json.bytes(chunk)).appendString("\n\n"));
    }

    private ObjectNode envelope() {
        return Json.MAPPER
                .createObjectNode()
                .put("id", id)
                .put("object", "chat.completion.chunk")
                .put("created", created)
                .put("model", model);
    }
}
