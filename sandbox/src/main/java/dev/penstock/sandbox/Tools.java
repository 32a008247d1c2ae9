package dev.penstock.sandbox;

import dev.penstock.sandbox.policy.SchemaSample;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which tool a call is answered with: the one that the caller demands, else one whose name the last message holds. Reads
 * the forms of all three APIs. The arguments are the least that the tool's schema allows.
 */
final class Tools {
    private Tools() {}

    /**
     * @param name as the caller gave it
     * @param arguments JSON text
     */
    record Call(String name, String arguments) {}

    private record Tool(String name, Map<String, Object> schema) {}

    /**
     * The tool to call; null for none.
     *
     * @param last text of the last message
     * @param fresh whether the last message is a user's own, and not a tool's result
     */
    static @Nullable Call pick(JsonObject body, String last, boolean fresh) {
        List<Tool> tools = tools(body);
        String wanted = "";
        boolean must = false;
        switch (body.getValue("tool_choice")) {
            case String word -> {
                must = word.equals("required");
                if (word.equals("none")) {
                    return null;
                }
            }
            case JsonObject choice -> {
                String type = String.valueOf(choice.getValue("type"));
                if (type.equals("none")) {
                    return null;
                }
                JsonObject function = choice.getValue("function") instanceof JsonObject inner ? inner : choice;
                wanted = function.getValue("name") instanceof String name ? name : "";
                must = type.equals("any");
            }
            case null, default -> {}
        }
        String said = last.toLowerCase(Locale.ROOT);
        for (Tool tool : tools) {
            boolean named = wanted.equals(tool.name());
            boolean heard =
                    wanted.isEmpty() && fresh && said.contains(tool.name().toLowerCase(Locale.ROOT));
            if (named || heard) {
                return call(tool);
            }
        }
        return must && !tools.isEmpty() ? call(tools.getFirst()) : null;
    }

    /** The text that a demanded schema of the answer allows; null where none is demanded. */
    static @Nullable String structured(JsonObject body) {
        JsonObject format = object(body, "response_format");
        JsonObject schema = object(object(format, "json_schema"), "schema");
        for (String holder : List.of("text", "output_config")) {
            if (schema.isEmpty()) {
                schema = object(object(object(body, holder), "format"), "schema");
            }
        }
        return schema.isEmpty() ? null : json(schema.getMap());
    }

    private static Call call(Tool tool) {
        return new Call(tool.name(), json(tool.schema()));
    }

    private static String json(Map<String, Object> schema) {
        return Json.encode(SchemaSample.of(schema));
    }

    private static List<Tool> tools(JsonObject body) {
        List<Tool> tools = new ArrayList<>();
        if (body.getValue("tools") instanceof JsonArray list) {
            for (Object entry : list) {
                if (entry instanceof JsonObject tool) {
                    JsonObject function = tool.getValue("function") instanceof JsonObject inner ? inner : tool;
                    JsonObject schema =
                            object(function, function.containsKey("input_schema") ? "input_schema" : "parameters");
                    if (function.getValue("name") instanceof String name) {
                        tools.add(new Tool(name, schema.getMap()));
                    }
                }
            }
        }
        return tools;
    }

    private static JsonObject object(JsonObject in, String field) {
        return in.getValue(field) instanceof JsonObject object ? object : new JsonObject();
    }
}
