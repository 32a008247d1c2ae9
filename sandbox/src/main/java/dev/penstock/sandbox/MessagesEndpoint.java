package dev.penstock.sandbox;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/** {@code POST /v1/messages}, Anthropic's API: one block of text or one call of a tool, whole or as named events. */
final class MessagesEndpoint {
    private MessagesEndpoint() {}

    /** Reads a request; the other endpoints of a chat read the same fields. */
    static ChatRequest read(String model, JsonObject body, Behaviour behaviour) {
        if (Fields.integer(body, "max_tokens", 1, Integer.MAX_VALUE) == null) {
            throw WireFault.badRequest("max_tokens: Field required");
        }
        return ChatRequest.read(model, body, behaviour);
    }

    static JsonObject whole(ChatRequest call, String id) {
        return message(call, id)
                .put("content", new JsonArray().add(block(call, id, true)))
                .put("stop_reason", stopReason(call))
                .put("usage", usage(call, call.completionTokens()));
    }

    private static JsonObject message(ChatRequest call, String id) {
        return new JsonObject()
                .put("id", id)
                .put("type", "message")
                .put("role", "assistant")
                .put("model", call.model())
                .put("content", new JsonArray())
                .put("stop_reason", null)
                .put("stop_sequence", null)
                .put("usage", usage(call, 1));
    }

    private static String stopReason(ChatRequest call) {
        if (call.finishReason().equals("length")) {
            return "max_tokens";
        }
        return call.tool() == null ? "end_turn" : "tool_use";
    }

    /** The one block of the answer, full or as a stream begins it. Arguments that were cut are no JSON: then there are none. */
    private static JsonObject block(ChatRequest call, String id, boolean full) {
        if (call.tool() == null) {
            return new JsonObject().put("type", "text").put("text", full ? call.content() : "");
        }
        boolean cut = call.finishReason().equals("length");
        return new JsonObject()
                .put("type", "tool_use")
                .put("id", "toolu_" + id)
                .put("name", call.tool())
                .put("input", full && !cut ? new JsonObject(call.content()) : new JsonObject());
    }

    private static JsonObject usage(ChatRequest call, int output) {
        return new JsonObject()
                .put("input_tokens", call.promptTokens())
                .put("cache_creation_input_tokens", 0)
                .put("cache_read_input_tokens", 0)
                .put("output_tokens", output);
    }

    /** The events of a streamed message. */
    record Frames(ChatRequest call, String id) implements StreamFrames {
        @Override
        public void begin(StringBuilder out) {
            event(out, "message_start", new JsonObject().put("message", message(call, id)));
            event(
                    out,
                    "content_block_start",
                    new JsonObject().put("index", 0).put("content_block", block(call, id, false)));
            event(out, "ping", new JsonObject());
        }

        @Override
        public void token(StringBuilder out, String piece) {
            event(
                    out,
                    "content_block_delta",
                    new JsonObject()
                            .put("index", 0)
                            .put(
                                    "delta",
                                    call.tool() == null
                                            ? new JsonObject()
                                                    .put("type", "text_delta")
                                                    .put("text", piece)
                                            : new JsonObject()
                                                    .put("type", "input_json_delta")
                                                    .put("partial_json", piece)));
        }

        @Override
        public void end(StringBuilder out) {
            event(out, "content_block_stop", new JsonObject().put("index", 0));
            event(
                    out,
                    "message_delta",
                    new JsonObject()
                            .put(
                                    "delta",
                                    new JsonObject()
                                            .put("stop_reason", stopReason(call))
                                            .put("stop_sequence", null))
                            .put("usage", new JsonObject().put("output_tokens", call.completionTokens())));
            event(out, "message_stop", new JsonObject());
        }

        private static void event(StringBuilder out, String type, JsonObject fields) {
            out.append("event: ")
                    .append(type)
                    .append("\ndata: ")
                    .append(new JsonObject().put("type", type).mergeIn(fields).encode())
                    .append("\n\n");
        }
    }
}
