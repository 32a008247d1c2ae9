package dev.penstock.gateway.wire;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.penstock.common.fault.Fault;
import java.io.IOException;
import java.util.List;

/**
 * A chat request in OpenAI's form as a request to Anthropic's Messages API. What that API cannot do is refused by name;
 * hints on sampling that it does not know (seed, penalties, logit_bias) are left out. Pure.
 */
final class ChatToMessages {
    private static final int DEFAULT_MAX_TOKENS = 4096;
    private static final double MAX_TEMPERATURE = 1;
    private static final int LOW_BUDGET = 1024;
    private static final int MEDIUM_BUDGET = 4096;
    private static final int HIGH_BUDGET = 16_384;

    private final ObjectNode chat;
    private final ObjectNode out = Json.MAPPER.createObjectNode();

    private ChatToMessages(ObjectNode chat) {
        this.chat = chat;
    }

    /**
     * The translated body.
     *
     * @param model its name at the instance
     * @param maxTokens what the instance's configuration says where the caller says nothing; 0 for our own default
     */
    static ObjectNode translate(ModelRequest request, String model, int maxTokens) {
        return new ChatToMessages(request.tree()).translate(model, maxTokens);
    }

    private ObjectNode translate(String model, int maxTokens) {
        refuse();
        out.put("model", model);
        long limit = limit(maxTokens);
        out.put("max_tokens", limit);
        ChatTurns.of(chat.path("messages")).into(out);
        copy("top_p", "top_p");
        copy("top_k", "top_k"); // Anthropic's own, which callers may add to a chat
        copy("stream", "stream");
        stop();
        JsonNode temperature = chat.path("temperature");
        if (temperature.isNumber()) {
            out.put("temperature", Math.min(MAX_TEMPERATURE, temperature.doubleValue()));
        }
        tools();
        format();
        thinking(limit);
        JsonNode user = chat.hasNonNull("safety_identifier") ? chat.path("safety_identifier") : chat.path("user");
        if (user.isTextual()) {
            out.putObject("metadata").put("user_id", user.textValue());
        }
        return out;
    }

    private void refuse() {
        if (chat.path("n").asInt(1) > 1) {
            throw Fault.invalid(
                    "n", "'n' above 1 is not possible with this model's server: Anthropic gives one answer.");
        }
        if (chat.path("logprobs").asBoolean(false)) {
            throw Fault.invalid(
                    "logprobs", "'logprobs' are not possible with this model's server: Anthropic gives none.");
        }
        for (JsonNode modality : chat.path("modalities")) {
            if (!modality.asText().equals("text")) {
                throw Fault.invalid("modalities", "This model's server, Anthropic, answers with text only.");
            }
        }
        if (chat.hasNonNull("functions")) {
            throw Fault.invalid("functions", "'functions' are not possible with this model's server; use 'tools'.");
        }
    }

    private long limit(int configured) {
        long own = Math.max(
                chat.path("max_completion_tokens").asLong(0),
                chat.path("max_tokens").asLong(0));
        return own > 0 ? own : configured > 0 ? configured : DEFAULT_MAX_TOKENS;
    }

    private void copy(String from, String to) {
        if (chat.hasNonNull(from)) {
            out.set(to, chat.get(from));
        }
    }

    private void stop() {
        JsonNode stop = chat.path("stop");
        if (stop.isTextual()) {
            out.putArray("stop_sequences").add(stop.textValue());
        } else if (stop.isArray() && !stop.isEmpty()) {
            out.set("stop_sequences", stop);
        }
    }

    private void tools() {
        ArrayNode tools = Json.MAPPER.createArrayNode();
        int index = 0;
        for (JsonNode tool : chat.path("tools")) {
            String at = "tools[" + index++ + "]";
            if (!tool.path("type").asText("function").equals("function")) {
                throw Fault.invalid(at + ".type", "'" + at + ".type' must be function for this model's server.");
            }
            JsonNode function = tool.path("function");
            ObjectNode made = tools.addObject();
            made.put("name", function.path("name").asText());
            if (function.hasNonNull("description")) {
                made.set("description", function.get("description"));
            }
            if (function.path("parameters").isObject()) {
                made.set("input_schema", function.get("parameters"));
            } else {
                made.putObject("input_schema").put("type", "object");
            }
            if (tool.hasNonNull("cache_control")) {
                made.set("cache_control", tool.get("cache_control"));
            }
        }
        if (tools.isEmpty()) {
            return;
        }
        out.set("tools", tools);
        choice();
    }

    private void choice() {
        JsonNode choice = chat.path("tool_choice");
        boolean serial = chat.path("parallel_tool_calls").isBoolean()
                && !chat.path("parallel_tool_calls").booleanValue();
        if (choice.isMissingNode() || choice.isNull()) {
            if (serial) {
                out.putObject("tool_choice").put("type", "auto").put("disable_parallel_tool_use", true);
            }
            return;
        }
        ObjectNode made = out.putObject("tool_choice");
        if (choice.isObject()) {
            made.put("type", "tool")
                    .put("name", choice.path("function").path("name").asText());
        } else {
            made.put(
                    "type",
                    switch (choice.asText()) {
                        case "auto" -> "auto";
                        case "required" -> "any";
                        case "none" -> "none";
                        default ->
                            throw Fault.invalid(
                                    "tool_choice", "'tool_choice' must be auto, required, none or an object.");
                    });
        }
        if (serial && !made.path("type").asText().equals("none")) {
            made.put("disable_parallel_tool_use", true);
        }
    }

    private void format() {
        JsonNode format = chat.path("response_format");
        switch (format.path("type").asText("text")) {
            case "text" -> {}
            case "json_schema" ->
                out.putObject("output_config")
                        .putObject("format")
                        .put("type", "json_schema")
                        .set("schema", format.path("json_schema").path("schema"));
            default ->
                throw Fault.invalid(
                        "response_format.type",
                        "'response_format.type' must be text or json_schema for this model's server, Anthropic.");
        }
    }

    /** Thinking has its own share of the tokens, and goes neither with a temperature nor with a tool that must be used. */
    private void thinking(long limit) {
        if (chat.hasNonNull("thinking")) {
            out.set("thinking", chat.get("thinking"));
            return;
        }
        int budget = switch (chat.path("reasoning_effort").asText("none")) {
            case "low" -> LOW_BUDGET;
            case "medium" -> MEDIUM_BUDGET;
            case "high", "xhigh", "max" -> HIGH_BUDGET;
            default -> 0;
        };
        String choice = out.path("tool_choice").path("type").asText("auto");
        if (budget == 0 || choice.equals("any") || choice.equals("tool")) {
            return;
        }
        out.putObject("thinking").put("type", "enabled").put("budget_tokens", budget);
        out.put("max_tokens", limit + budget);
        out.remove(List.of("temperature", "top_k", "top_p"));
    }

    /** The JSON of a tool call's arguments; models sometimes write something else. */
    static JsonNode arguments(String text, String at) {
        try {
            JsonNode tree = text.isBlank() ? Json.MAPPER.createObjectNode() : Json.MAPPER.readTree(text);
            if (tree.isObject()) {
                return tree;
            }
        } catch (IOException e) {
            // said below
        }
        throw Fault.invalid(at, "'" + at + "' must be the JSON of an object.");
    }
}
