package dev.penstock.gateway.wire;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.penstock.common.fault.Fault;
import org.jspecify.annotations.Nullable;

/**
 * The messages of a chat as Anthropic's: system texts apart, and what follows each other from one side in one message, as
 * the results of several tools do. Pure.
 */
final class ChatTurns {
    private final ArrayNode system = Json.MAPPER.createArrayNode();
    private final ArrayNode messages = Json.MAPPER.createArrayNode();
    private @Nullable ArrayNode open;
    private String openRole = "";

    private ChatTurns() {}

    static ChatTurns of(JsonNode messages) {
        ChatTurns turns = new ChatTurns();
        int index = 0;
        for (JsonNode message : messages) {
            turns.add(message, "messages[" + index++ + "]");
        }
        if (turns.messages.isEmpty()) {
            throw Fault.invalid("messages", "'messages' must have a message that is not of the system.");
        }
        return turns;
    }

    void into(ObjectNode request) {
        if (!system.isEmpty()) {
            request.set("system", system);
        }
        request.set("messages", messages);
    }

    private void add(JsonNode message, String at) {
        JsonNode content = message.path("content");
        switch (message.path("role").asText()) {
            case "system", "developer" -> content(system, content, at + ".content", true);
            case "user" -> content(turn("user"), content, at + ".content", false);
            case "assistant" -> assistant(message, at);
            case "tool" -> result(message, at);
            default ->
                throw Fault.invalid(
                        at + ".role",
                        "'" + at
                                + ".role' must be system, developer, user, assistant or tool for this model's server.");
        }
    }

    private ArrayNode turn(String role) {
        ArrayNode current = open;
        if (current == null || !openRole.equals(role)) {
            current = messages.addObject().put("role", role).putArray("content");
            open = current;
            openRole = role;
        }
        return current;
    }

    private void assistant(JsonNode message, String at) {
        ArrayNode blocks = turn("assistant");
        JsonNode content = message.path("content");
        if (!content.isNull() && !content.isMissingNode()) {
            content(blocks, content, at + ".content", true);
        }
        int index = 0;
        for (JsonNode call : message.path("tool_calls")) {
            String path = at + ".tool_calls[" + index++ + "].function.arguments";
            JsonNode function = call.path("function");
            blocks.addObject()
                    .put("type", "tool_use")
                    .put("id", call.path("id").asText())
                    .put("name", function.path("name").asText())
                    .set(
                            "input",
                            ChatToMessages.arguments(function.path("arguments").asText(""), path));
        }
    }

    private void result(JsonNode message, String at) {
        String id = message.path("tool_call_id").asText("");
        if (id.isEmpty()) {
            throw Fault.invalid(at + ".tool_call_id", "'" + at + ".tool_call_id' is required.");
        }
        ObjectNode block = turn("user").addObject().put("type", "tool_result").put("tool_use_id", id);
        content(block.putArray("content"), message.path("content"), at + ".content", false);
    }

    private static void content(ArrayNode blocks, JsonNode content, String at, boolean onlyText) {
        if (content.isTextual()) {
            if (!content.textValue().isEmpty()) { // Anthropic refuses an empty block
                blocks.addObject().put("type", "text").put("text", content.textValue());
            }
            return;
        }
        if (!content.isArray()) {
            throw Fault.invalid(at, "'" + at + "' must be a string or an array of parts.");
        }
        int index = 0;
        for (JsonNode part : content) {
            part(blocks, part, at + "[" + index++ + "]", onlyText);
        }
    }

    private static void part(ArrayNode blocks, JsonNode part, String at, boolean onlyText) {
        String type = part.path("type").asText();
        if (type.equals("text") || type.equals("refusal")) {
            ObjectNode block = blocks.addObject()
                    .put("type", "text")
                    .put("text", part.path(type).asText());
            if (part.hasNonNull("cache_control")) {
                block.set("cache_control", part.get("cache_control"));
            }
        } else if (type.equals("image_url") && !onlyText) {
            source(
                    blocks.addObject().put("type", "image").putObject("source"),
                    part.path("image_url").path("url").asText());
        } else if (type.equals("file") && !onlyText && part.path("file").has("file_data")) {
            source(
                    blocks.addObject().put("type", "document").putObject("source"),
                    part.path("file").path("file_data").asText());
        } else {
            throw Fault.invalid(
                    at + ".type", "'" + at + ".type' cannot be '" + type + "' here for this model's server.");
        }
    }

    /** {@code data:image/png;base64,…} holds the bytes; anything else is an address. */
    private static void source(ObjectNode source, String url) {
        int comma = url.indexOf(',');
        int semicolon = url.indexOf(';');
        if (url.startsWith("data:") && comma > 0 && semicolon > 0 && semicolon < comma) {
            source.put("type", "base64")
                    .put("media_type", url.substring("data:".length(), semicolon))
                    .put("data", url.substring(comma + 1));
        } else {
            source.put("type", "url").put("url", url);
        }
    }
}
