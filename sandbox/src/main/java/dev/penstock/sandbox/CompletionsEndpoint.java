package dev.penstock.sandbox;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/** {@code POST /v1/completions}: answered as a chat of one message. */
final class CompletionsEndpoint {
    private CompletionsEndpoint() {}

    static ChatRequest read(String model, JsonObject body, Behaviour behaviour) {
        Object prompt = body.getValue("prompt");
        String text = switch (prompt) {
            case String plain -> plain;
            case JsonArray array when !array.isEmpty() && array.getValue(0) instanceof String first -> first;
            case JsonArray array when !array.isEmpty() -> array.size() + " tokens";
            case null, default -> throw WireFault.badRequest("prompt must be a text, an array of texts, or tokens.");
        };
        JsonObject chat = body.copy()
                .put(
                        "messages",
                        new JsonArray().add(new JsonObject().put("role", "user").put("content", text)));
        return ChatRequest.read(model, chat, behaviour);
    }

    static JsonObject whole(ChatRequest call, String id, long created) {
        JsonArray choices = new JsonArray();
        for (int index = 0; index < call.choices(); index++) {
            choices.add(new JsonObject()
                    .put("index", index)
                    .put("text", call.content())
                    .put("logprobs", null)
                    .put("finish_reason", call.finishReason()));
        }
        return new JsonObject()
                .put("id", id)
                .put("object", "text_completion")
                .put("created", created)
                .put("model", call.model())
                .put("choices", choices)
                .put("usage", call.usage())
                .put("system_fingerprint", "sandbox");
    }
}
