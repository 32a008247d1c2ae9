package dev.penstock.gateway.wire;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.penstock.common.config.Api;
import dev.penstock.common.fault.Fault;
import java.util.List;

/**
 * A request in Anthropic's form as a chat in OpenAI's. Tools that Anthropic's servers run themselves are refused by name;
 * thoughts of earlier turns and marks for Anthropic's prompt cache are left out. Pure.
 */
final class MessagesToChat {
    private static final int LOW_BUDGET = 2048;
    private static final int MEDIUM_BUDGET = 8192;

    private final ObjectNode in;
    private final ObjectNode out = Json.MAPPER.createObjectNode();

    private MessagesToChat(ObjectNode in) {
        this.in = in;
    }

    /** @param model its name at the instance */
    static ObjectNode translate(ModelRequest request, Api api, String model) {
        return new MessagesToChat(request.tree()).translate(api, model);
    }

    private ObjectNode translate(Api api, String model) {
        out.put("model", model);
        ArrayNode messages = out.putArray("messages");
        String system = text(in.path("system"), "system");
        if (!system.isEmpty()) {
            messages.addObject().put("role", "system").put("content", system);
        }
        int index = 0;
        for (JsonNode message : in.path("messages")) {
            message(messages, message, "messages[" + index++ + "]");
        }
        // Newer models of OpenAI know only the longer name, Ollama only the shorter one.
        out.set(api == Api.OLLAMA ? "max_tokens" : "max_completion_tokens", in.path("max_tokens"));
        copy("temperature", "temperature");
        copy("top_p", "top_p");
        if (api == Api.VLLM || api == Api.OLLAMA) {
            copy("top_k", "top_k");
        }
        if (in.path("stop_sequences").isArray() && !in.path("stop_sequences").isEmpty()) {
            copy("stop_sequences", "stop");
        }
        if (in.path("stream").asBoolean(false)) {
            out.put("stream", true).putObject("stream_options").put("include_usage", true);
        }
        if (in.path("metadata").hasNonNull("user_id")) {
            out.set("user", in.path("metadata").get("user_id"));
        }
        tools();
        thinking();
        JsonNode format = in.path("output_config").path("format");
        if (format.path("type").asText().equals("json_schema")) {
            ObjectNode schema =
                    out.putObject("response_format").put("type", "json_schema").putObject("json_schema");
            schema.put("name", "answer").put("strict", true).set("schema", format.path("schema"));
        }
        return out;
    }

    private void copy(String from, String to) {
        if (in.hasNonNull(from)) {
            out.set(to, in.get(from));
        }
    }

    private static String text(JsonNode content, String at) {
        if (content.isTextual()) {
            return content.textValue();
        }
        StringBuilder all = new StringBuilder();
        int index = 0;
        for (JsonNode block : content) {
            if (!block.path("type").asText().equals("text")) {
                String path = at + "[" + index + "].type";
                throw Fault.invalid(path, "'" + path + "' must be text here.");
            }
            all.append(all.isEmpty() ? "" : "\n\n").append(block.path("text").asText());
            index++;
        }
        return all.toString();
    }

    private static void message(ArrayNode messages, JsonNode message, String at) {
        JsonNode content = message.path("content");
        switch (message.path("role").asText()) {
            case "user" -> user(messages, content, at + ".content");
            case "assistant" -> assistant(messages, content, at + ".content");
            case "system" -> messages.addObject().put("role", "system").put("content", text(content, at + ".content"));
            default -> throw Fault.invalid(at + ".role", "'" + at + ".role' must be user or assistant.");
        }
    }

    /** Results of tools come first: each is a message of its own that follows the call at once. */
    private static void user(ArrayNode messages, JsonNode content, String at) {
        if (content.isTextual()) {
            messages.addObject().put("role", "user").set("content", content);
            return;
        }
        if (!content.isArray()) {
            throw Fault.invalid(at, "'" + at + "' must be a string or an array of blocks.");
        }
        ArrayNode parts = Json.MAPPER.createArrayNode();
        int index = 0;
        for (JsonNode block : content) {
            String path = at + "[" + index++ + "]";
            switch (block.path("type").asText()) {
                case "text" -> parts.addObject().put("type", "text").set("text", block.path("text"));
                case "image" ->
                    parts.addObject()
                            .put("type", "image_url")
                            .putObject("image_url")
                            .put("url", url(block.path("source")));
                case "document" ->
                    parts.addObject()
                            .put("type", "file")
                            .putObject("file")
                            .put("filename", block.path("title").asText("document"))
                            .put("file_data", url(block.path("source")));
                case "tool_result" ->
                    messages.addObject()
                            .put("role", "tool")
                            .put("tool_call_id", block.path("tool_use_id").asText())
                            .put("content", result(block.path("content")));
                default ->
                    throw Fault.invalid(
                            path + ".type",
                            "'" + path + ".type' cannot be '"
                                    + block.path("type").asText() + "' for this model's server.");
            }
        }
        boolean plain = parts.size() == 1 && parts.get(0).path("type").asText().equals("text");
        if (plain) {
            messages.addObject().put("role", "user").set("content", parts.get(0).path("text"));
        } else if (!parts.isEmpty()) {
            messages.addObject().put("role", "user").set("content", parts);
        }
    }

    /** A tool's message holds text only: of a picture its place is kept. */
    private static String result(JsonNode content) {
        if (content.isTextual()) {
            return content.textValue();
        }
        StringBuilder all = new StringBuilder();
        for (JsonNode block : content) {
            String type = block.path("type").asText();
            all.append(all.isEmpty() ? "" : "\n")
                    .append(type.equals("text") ? block.path("text").asText() : "[" + type + "]");
        }
        return all.toString();
    }

    private static String url(JsonNode source) {
        return source.path("type").asText().equals("base64")
                ? "data:" + source.path("media_type").asText() + ";base64,"
                        + source.path("data").asText()
                : source.path("url").asText();
    }

    private static void assistant(ArrayNode messages, JsonNode content, String at) {
        ObjectNode message = messages.addObject().put("role", "assistant");
        if (content.isTextual()) {
            message.set("content", content);
            return;
        }
        StringBuilder text = new StringBuilder();
        ArrayNode calls = Json.MAPPER.createArrayNode();
        for (JsonNode block : content) {
            switch (block.path("type").asText()) {
                case "text" -> text.append(block.path("text").asText());
                case "tool_use" ->
                    calls.addObject()
                            .put("id", block.path("id").asText())
                            .put("type", "function")
                            .putObject("function")
                            .put("name", block.path("name").asText())
                            .put("arguments", block.path("input").toString());
                case "thinking", "redacted_thinking" -> {}
                default ->
                    throw Fault.invalid(
                            at,
                            "'" + at + "' holds a block that this model's server cannot read: "
                                    + block.path("type").asText() + ".");
            }
        }
        if (text.isEmpty() && !calls.isEmpty()) {
            message.putNull("content");
        } else {
            message.put("content", text.toString());
        }
        if (!calls.isEmpty()) {
            message.set("tool_calls", calls);
        }
    }

    private void tools() {
        ArrayNode tools = Json.MAPPER.createArrayNode();
        int index = 0;
        for (JsonNode tool : in.path("tools")) {
            String at = "tools[" + index++ + "]";
            if (!List.of("custom", "").contains(tool.path("type").asText(""))) {
                throw Fault.invalid(
                        at + ".type",
                        "'" + at + ".type' names a tool that Anthropic's servers run; this model's server cannot.");
            }
            ObjectNode function = tools.addObject().put("type", "function").putObject("function");
            function.put("name", tool.path("name").asText());
            if (tool.hasNonNull("description")) {
                function.set("description", tool.get("description"));
            }
            function.set("parameters", tool.path("input_schema"));
        }
        if (tools.isEmpty()) {
            return;
        }
        out.set("tools", tools);
        JsonNode choice = in.path("tool_choice");
        switch (choice.path("type").asText()) {
            case "auto" -> out.put("tool_choice", "auto");
            case "any" -> out.put("tool_choice", "required");
            case "none" -> out.put("tool_choice", "none");
            case "tool" ->
                out.putObject("tool_choice")
                        .put("type", "function")
                        .putObject("function")
                        .set("name", choice.path("name"));
            default -> {}
        }
        if (choice.path("disable_parallel_tool_use").asBoolean(false)) {
            out.put("parallel_tool_calls", false);
        }
    }

    private void thinking() {
        String effort = in.path("output_config").path("effort").asText("");
        JsonNode thinking = in.path("thinking");
        if (!effort.isEmpty() && !thinking.path("type").asText().equals("disabled")) {
            out.put("reasoning_effort", effort.equals("max") ? "high" : effort);
        } else if (thinking.path("type").asText().equals("enabled")) {
            long budget = thinking.path("budget_tokens").asLong(0);
            out.put("reasoning_effort", budget <= LOW_BUDGET ? "low" : budget <= MEDIUM_BUDGET ? "medium" : "high");
            out.remove("temperature"); // models that reason do not take one
        }
    }
}
