package dev.penstock.sandbox;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/** {@code POST /v1/responses}: one message of text or one call of a tool, whole or as the typed events of the specification. Nothing is stored. */
final class ResponsesEndpoint {
    private ResponsesEndpoint() {}

    static ChatRequest read(String model, JsonObject body, Behaviour behaviour) {
        JsonArray messages = new JsonArray();
        switch (body.getValue("input")) {
            case String text ->
                messages.add(new JsonObject().put("role", "user").put("content", text));
            case JsonArray items -> {
                for (Object item : items) {
                    if (item instanceof JsonObject object && object.containsKey("role")) {
                        messages.add(object);
                    } else if (item instanceof JsonObject object
                            && "function_call_output".equals(object.getValue("type"))) {
                        messages.add(new JsonObject().put("role", "tool").put("content", object.getValue("output")));
                    }
                }
            }
            case null, default -> throw WireFault.badRequest("input must be a text or an array of items.");
        }
        if (messages.isEmpty()) {
            throw WireFault.badRequest("input must hold at least one message.");
        }
        JsonObject chat = new JsonObject().put("messages", messages).put("stream", body.getValue("stream"));
        for (String field : List.of("tools", "tool_choice", "text")) {
            if (body.containsKey(field)) {
                chat.put(field, body.getValue(field));
            }
        }
        Integer limit = Fields.integer(body, "max_output_tokens", 1, Integer.MAX_VALUE);
        return ChatRequest.read(model, limit == null ? chat : chat.put("max_tokens", limit), behaviour);
    }

    /** The object: without output while {@code in_progress}. */
    static JsonObject response(ChatRequest call, String id, long created, String status) {
        boolean over = !status.equals("in_progress");
        boolean cut = over && call.finishReason().equals("length");
        JsonArray output = new JsonArray();
        if (over) {
            output.add(message(call, id, status));
        }
        return new JsonObject()
                .put("id", id)
                .put("object", "response")
                .put("created_at", created)
                .put("status", cut ? "incomplete" : status)
                .put("error", null)
                .put("incomplete_details", cut ? new JsonObject().put("reason", "max_output_tokens") : null)
                .put("instructions", null)
                .put("max_output_tokens", null)
                .put("model", call.model())
                .put("output", output)
                .put("parallel_tool_calls", true)
                .put("previous_response_id", null)
                .put("store", false)
                .put("temperature", 1.0)
                .put("text", new JsonObject().put("format", new JsonObject().put("type", "text")))
                .put("tool_choice", "auto")
                .put("tools", new JsonArray())
                .put("top_p", 1.0)
                .put("truncation", "disabled")
                .put("usage", over ? usage(call) : null)
                .put("metadata", new JsonObject());
    }

    /** The one item of the output: a message, or the call of a tool. */
    static JsonObject message(ChatRequest call, String id, String status) {
        if (call.tool() != null) {
            return new JsonObject()
                    .put("type", "function_call")
                    .put("id", "fc_" + id)
                    .put("call_id", "call_" + id)
                    .put("name", call.tool())
                    .put("arguments", status.equals("in_progress") ? "" : call.content())
                    .put("status", status);
        }
        return new JsonObject()
                .put("type", "message")
                .put("id", "msg_" + id)
                .put("status", status)
                .put("role", "assistant")
                .put("content", new JsonArray().add(part(call.content())));
    }

    static JsonObject part(String text) {
        return new JsonObject().put("type", "output_text").put("text", text).put("annotations", new JsonArray());
    }

    private static JsonObject usage(ChatRequest call) {
        return new JsonObject()
                .put("input_tokens", call.promptTokens())
                .put("input_tokens_details", new JsonObject().put("cached_tokens", 0))
                .put("output_tokens", call.completionTokens())
                .put("output_tokens_details", new JsonObject().put("reasoning_tokens", 0))
                .put("total_tokens", call.promptTokens() + call.completionTokens());
    }

    /** The events of a streamed response, each with its number. */
    static final class Frames implements StreamFrames {
        private final ChatRequest call;
        private final String id;
        private final long created;
        private int number;

        Frames(ChatRequest call, String id, long created) {
            this.call = call;
            this.id = id;
            this.created = created;
        }

        @Override
        public void begin(StringBuilder out) {
            JsonObject response = response(call, id, created, "in_progress");
            event(out, "response.created", new JsonObject().put("response", response));
            event(out, "response.in_progress", new JsonObject().put("response", response));
            JsonObject empty = message(call, id, "in_progress");
            if (call.tool() != null) {
                event(out, "response.output_item.added", at(new JsonObject()).put("item", empty));
                return;
            }
            empty.put("content", new JsonArray());
            event(out, "response.output_item.added", at(new JsonObject()).put("item", empty));
            event(out, "response.content_part.added", inItem().put("part", part("")));
        }

        @Override
        public void token(StringBuilder out, String piece) {
            if (call.tool() != null) {
                event(out, "response.function_call_arguments.delta", inCall().put("delta", piece));
                return;
            }
            event(
                    out,
                    "response.output_text.delta",
                    inItem().put("delta", piece).put("logprobs", new JsonArray()));
        }

        @Override
        public void end(StringBuilder out) {
            if (call.tool() != null) {
                event(
                        out,
                        "response.function_call_arguments.done",
                        inCall().put("name", call.tool()).put("arguments", call.content()));
            } else {
                event(
                        out,
                        "response.output_text.done",
                        inItem().put("text", call.content()).put("logprobs", new JsonArray()));
                event(out, "response.content_part.done", inItem().put("part", part(call.content())));
            }
            event(out, "response.output_item.done", at(new JsonObject()).put("item", message(call, id, "completed")));
            boolean cut = call.finishReason().equals("length");
            event(
                    out,
                    cut ? "response.incomplete" : "response.completed",
                    new JsonObject().put("response", response(call, id, created, "completed")));
        }

        private JsonObject inCall() {
            return at(new JsonObject().put("item_id", "fc_" + id));
        }

        private JsonObject inItem() {
            return at(new JsonObject().put("item_id", "msg_" + id)).put("content_index", 0);
        }

        private static JsonObject at(JsonObject event) {
            return event.put("output_index", 0);
        }

        private void event(StringBuilder out, String type, JsonObject fields) {
            JsonObject event = new JsonObject().put("type", type).put("sequence_number", number++);
            out.append("event: ")
                    .append(type)
                    .append("\ndata: ")
                    .append(event.mergeIn(fields).encode())
                    .append("\n\n");
        }
    }
}
