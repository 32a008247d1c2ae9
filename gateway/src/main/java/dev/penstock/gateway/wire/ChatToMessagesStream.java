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
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The chunks of a chat as Anthropic's events: one block is open at a time, and closed when another kind of piece comes.
 * The count of the input is known only at the end, and told there.
 */
final class ChatToMessagesStream implements StreamReader {
    private static final Buffer PING = Buffer.buffer("event: ping\ndata: {\"type\": \"ping\"}\n\n");
    private static final int NONE = -1;
    private static final int TEXT = -2;
    private static final int THINKING = -3;

    private final SseCutter cutter = new SseCutter();
    private String model;
    private Usage usage = Usage.NONE;
    private boolean started;
    private @Nullable String finish;
    /** Number of the block that is open, and what it holds: text, thoughts, or the tool call of that index. */
    private int block = -1;

    private int holds = NONE;

    ChatToMessagesStream(String model) {
        this.model = model;
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

    @Override
    public @Nullable Buffer closed() {
        return finish == null ? null : last();
    }

    @Override
    public Usage usage() {
        return usage;
    }

    @Override
    public Buffer failure(Fault fault) {
        return NamedStream.failedMessages(fault);
    }

    @Override
    public Buffer ping() {
        return PING;
    }

    private @Nullable Event read(SseEvent event) {
        if (event.is("[DONE]")) {
            return new Done(last());
        }
        JsonNode chunk;
        try {
            chunk = Json.MAPPER.readTree(event.data());
        } catch (IOException e) {
            throw Fault.of(FaultCode.UPSTREAM_ERROR, "The model sent an event that cannot be read.");
        }
        if (chunk.hasNonNull("error")) {
            Fault fault = Fault.of(FaultCode.UPSTREAM_ERROR, "The model failed while it answered.");
            return new Failed(NamedStream.failedMessages(fault), fault);
        }
        if (chunk.path("usage").isObject()) {
            usage = UsageFields.openAi(chunk.path("usage"));
        }
        Buffer out = Buffer.buffer();
        if (!started) {
            start(out, chunk);
        }
        JsonNode choice = chunk.path("choices").path(0);
        pieces(out, choice.path("delta"));
        if (choice.hasNonNull("finish_reason")) {
            finish = choice.path("finish_reason").asText();
        }
        return out.length() == 0 ? null : new Write(out);
    }

    private void start(Buffer out, JsonNode chunk) {
        started = true;
        model = chunk.path("model").asText(model);
        ObjectNode message = ServedMessagesAdapter.message(chunk.path("id").asText(), model);
        message.set("usage", ServedMessagesAdapter.usage(usage));
        ObjectNode event = Json.MAPPER.createObjectNode();
        event.set("message", message);
        event(out, "message_start", event);
    }

    private void pieces(Buffer out, JsonNode delta) {
        String thoughts = ServedMessagesAdapter.reasoning(delta);
        if (!thoughts.isEmpty()) {
            open(
                    out,
                    THINKING,
                    () -> Json.MAPPER
                            .createObjectNode()
                            .put("type", "thinking")
                            .put("thinking", "")
                            .put("signature", ""));
            delta(out, "thinking_delta", "thinking", thoughts);
        }
        String text = delta.path("content").isTextual() ? delta.path("content").textValue() : "";
        if (!text.isEmpty()) {
            open(
                    out,
                    TEXT,
                    () -> Json.MAPPER.createObjectNode().put("type", "text").put("text", ""));
            delta(out, "text_delta", "text", text);
        }
        for (JsonNode call : delta.path("tool_calls")) {
            JsonNode function = call.path("function");
            open(out, Math.max(0, call.path("index").asInt(0)), () -> {
                ObjectNode made = Json.MAPPER
                        .createObjectNode()
                        .put("type", "tool_use")
                        .put("id", call.path("id").asText())
                        .put("name", function.path("name").asText());
                made.putObject("input");
                return made;
            });
            String arguments = function.path("arguments").asText("");
            if (!arguments.isEmpty()) {
                delta(out, "input_json_delta", "partial_json", arguments);
            }
        }
    }

    private void open(Buffer out, int kind, Supplier<ObjectNode> content) {
        if (holds == kind) {
            return;
        }
        close(out);
        holds = kind;
        block++;
        ObjectNode event = Json.MAPPER.createObjectNode().put("index", block);
        event.set("content_block", content.get());
        event(out, "content_block_start", event);
    }

    private void close(Buffer out) {
        if (holds != NONE) {
            event(out, "content_block_stop", Json.MAPPER.createObjectNode().put("index", block));
            holds = NONE;
        }
    }

    private void delta(Buffer out, String type, String field, String text) {
        ObjectNode event = Json.MAPPER.createObjectNode().put("index", block);
        event.putObject("delta").put("type", type).put(field, text);
        event(out, "content_block_delta", event);
    }

    private Buffer last() {
        Buffer out = Buffer.buffer();
        if (!started) {
            start(out, Json.MAPPER.createObjectNode());
        }
        close(out);
        ObjectNode event = Json.MAPPER.createObjectNode();
        event.putObject("delta")
                .put("stop_reason", ServedMessagesAdapter.stopReason(finish == null ? "stop" : finish))
                .putNull("stop_sequence");
        event.set("usage", ServedMessagesAdapter.usage(usage));
        event(out, "message_delta", event);
        event(out, "message_stop", Json.MAPPER.createObjectNode());
        return out;
    }

    private static void event(Buffer out, String type, ObjectNode fields) {
        ObjectNode event = Json.MAPPER.createObjectNode().put("type", type);
        event.setAll(fields);
        out.appendString("event: ")
                .appendString(type)
                .appendString("\ndata: ")
                .appendBytes(Json.bytes(event))
                .appendString("\n\n");
    }
}
