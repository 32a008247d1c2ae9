package dev.penstock.sandbox;

import dev.penstock.sandbox.policy.ChatText;
import dev.penstock.sandbox.policy.Tokens;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * A chat call as read: the answer is already decided, since it depends on nothing but the request.
 *
 * @param content the answer, already cut to the token limit
 * @param tool name of the tool that is called, with {@code content} as its arguments; null where the answer is a text
 * @param finishReason {@code length} where it was cut, {@code tool_calls} where a tool is called, else {@code stop}
 */
record ChatRequest(
        String model,
        int choices,
        String content,
        @Nullable String tool,
        String finishReason,
        int promptTokens,
        int tokensPerChoice,
        boolean stream,
        boolean includeUsage) {
    private static final int MAX_TOKENS = 1_000_000;
    private static final int MAX_CHOICES = 16;

    static ChatRequest read(String model, JsonObject body, Behaviour behaviour) {
        if (!(body.getValue("messages") instanceof JsonArray messages) || messages.isEmpty()) {
            throw WireFault.badRequest("messages must be an array with at least one message.");
        }
        String last = "";
        boolean fresh = false;
        int promptTokens = 0;
        for (Object entry : messages) {
            if (!(entry instanceof JsonObject message) || !(message.getValue("role") instanceof String role)) {
                throw WireFault.badRequest("each message must be an object with a role.");
            }
            String text = text(message.getValue("content"));
            promptTokens += Tokens.count(text);
            fresh = role.equals("user") && !holdsResult(message.getValue("content"));
            last = role.equals("user") ? text : last;
        }
        Tools.Call tool = Tools.pick(body, last, fresh);
        String structured = Tools.structured(body);
        String content;
        if (tool != null) {
            content = tool.arguments();
        } else if (structured != null) {
            content = structured;
        } else {
            content = sized(ChatText.answer(last, messages.size(), wantsJson(body)), body, behaviour);
        }
        Integer limit = limit(body);
        boolean cut = limit != null && limit < Tokens.count(content);
        String kept = cut && limit != null ? Tokens.first(content, limit) : content;
        Integer choices = Fields.integer(body, "n", 1, MAX_CHOICES);
        return new ChatRequest(
                model,
                choices == null ? 1 : choices,
                kept,
                tool == null ? null : tool.name(),
                cut ? "length" : tool == null ? "stop" : "tool_calls",
                promptTokens,
                Tokens.count(kept),
                Fields.flag(body, "stream"),
                body.getValue("stream_options") instanceof JsonObject options && Fields.flag(options, "include_usage"));
    }

    private static String sized(String natural, JsonObject body, Behaviour behaviour) {
        if (behaviour.completionTokens() > 0) {
            return ChatText.ofTokens(natural, behaviour.completionTokens());
        }
        Integer least = Fields.integer(body, "min_tokens", 0, MAX_TOKENS);
        return least != null && least > Tokens.count(natural) ? ChatText.ofTokens(natural, least) : natural;
    }

    private static @Nullable Integer limit(JsonObject body) {
        Integer limit = Fields.integer(body, "max_completion_tokens", 1, Integer.MAX_VALUE);
        return limit != null ? limit : Fields.integer(body, "max_tokens", 1, Integer.MAX_VALUE);
    }

    private static boolean wantsJson(JsonObject body) {
        return body.getValue("response_format") instanceof JsonObject format
                && format.getValue("type") instanceof String type
                && type.startsWith("json");
    }

    /** Anthropic's form of a tool's result is a part of a user's message. */
    private static boolean holdsResult(@Nullable Object content) {
        return content instanceof JsonArray parts
                && parts.stream()
                        .anyMatch(part ->
                                part instanceof JsonObject object && "tool_result".equals(object.getValue("type")));
    }

    /** Content is a text or parts of which we read the texts. */
    private static String text(@Nullable Object content) {
        if (content instanceof String text) {
            return text;
        }
        if (!(content instanceof JsonArray parts)) {
            return "";
        }
        StringBuilder all = new StringBuilder();
        for (Object part : parts) {
            if (part instanceof JsonObject object && object.getValue("text") instanceof String text) {
                all.append(text);
            }
        }
        return all.toString();
    }

    int completionTokens() {
        return tokensPerChoice * choices;
    }

    JsonObject usage() {
        return new JsonObject()
                .put("prompt_tokens", promptTokens)
                .put("completion_tokens", completionTokens())
                .put("total_tokens", promptTokens + completionTokens());
    }

    JsonObject whole(String id, long created) {
        JsonArray answers = new JsonArray();
        for (int index = 0; index < choices; index++) {
            JsonObject message = new JsonObject()
                    .put("role", "assistant")
                    .put("content", tool == null ? content : null)
                    .put("refusal", null);
            if (tool != null) {
                JsonObject function = new JsonObject().put("name", tool).put("arguments", content);
                message.put(
                        "tool_calls",
                        new JsonArray()
                                .add(new JsonObject()
                                        .put("id", "call_" + id + "_" + index)
                                        .put("type", "function")
                                        .put("function", function)));
            }
            answers.add(new JsonObject()
                    .put("index", index)
                    .put("message", message)
                    .put("logprobs", null)
                    .put("finish_reason", finishReason));
        }
        return new JsonObject()
                .put("id", id)
                .put("object", "chat.completion")
                .put("created", created)
                .put("model", model)
                .put("choices", answers)
                .put("usage", usage())
                .put("system_fingerprint", "sandbox");
    }
}
