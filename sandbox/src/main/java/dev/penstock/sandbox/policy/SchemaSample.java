package dev.penstock.sandbox.policy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A value that a JSON Schema allows: the same one each time, with every property that the schema names. Knows what tools
 * and structured answers use, and not all of the specification: no patterns, no conditions. Pure.
 */
public final class SchemaSample {
    private static final int DEEPEST = 16;
    private static final String TEXT = "sandbox";

    private final Map<?, ?> root;

    private SchemaSample(Map<?, ?> root) {
        this.root = root;
    }

    /** @param schema as parsed JSON: maps, lists, texts, numbers, booleans */
    public static @Nullable Object of(Map<?, ?> schema) {
        return new SchemaSample(schema).value(schema, 0);
    }

    private @Nullable Object value(@Nullable Object schema, int depth) {
        if (!(schema instanceof Map<?, ?> map) || depth > DEEPEST) {
            return null;
        }
        if (map.containsKey("const")) {
            return map.get("const");
        }
        for (String list : List.of("enum", "examples")) {
            if (map.get(list) instanceof List<?> values && !values.isEmpty()) {
                return values.getFirst();
            }
        }
        if (map.get("$ref") instanceof String reference) {
            return value(found(reference), depth + 1);
        }
        for (String list : List.of("anyOf", "oneOf", "allOf")) {
            if (map.get(list) instanceof List<?> schemas && !schemas.isEmpty()) {
                return value(schemas.getFirst(), depth + 1);
            }
        }
        return typed(map, depth);
    }

    private @Nullable Object typed(Map<?, ?> schema, int depth) {
        Object named = schema.get("type");
        Object type = named instanceof List<?> several && !several.isEmpty() ? several.getFirst() : named;
        return switch (type == null ? "object" : type.toString()) {
            case "string" -> text(schema);
            case "integer" -> Math.round(number(schema));
            case "number" -> number(schema);
            case "boolean" -> true;
            case "array" -> array(schema, depth);
            case "null" -> null;
            default -> object(schema, depth);
        };
    }

    private static String text(Map<?, ?> schema) {
        String text = switch (schema.get("format") instanceof String format ? format : "") {
            case "date" -> "2026-01-01";
            case "date-time" -> "2026-01-01T00:00:00Z";
            case "email" -> "sandbox@example.com";
            case "uri" -> "https://example.com";
            case "uuid" -> "00000000-0000-4000-8000-000000000000";
            default -> TEXT;
        };
        int least = schema.get("minLength") instanceof Number n ? Math.min(n.intValue(), 1000) : 0;
        int most = schema.get("maxLength") instanceof Number n ? Math.max(0, n.intValue()) : Integer.MAX_VALUE;
        String padded = text.length() >= least ? text : text + "x".repeat(least - text.length());
        return padded.length() > most ? padded.substring(0, most) : padded;
    }

    private static double number(Map<?, ?> schema) {
        double least = 1;
        if (schema.get("minimum") instanceof Number minimum) {
            least = Math.ceil(minimum.doubleValue());
        } else if (schema.get("exclusiveMinimum") instanceof Number minimum) {
            least = Math.floor(minimum.doubleValue()) + 1;
        }
        return schema.get("maximum") instanceof Number most ? Math.min(least, most.doubleValue()) : least;
    }

    private List<@Nullable Object> array(Map<?, ?> schema, int depth) {
        int count = schema.get("minItems") instanceof Number n ? Math.clamp(n.intValue(), 1, 100) : 1;
        List<@Nullable Object> items = new ArrayList<>();
        for (int i = 0; i < count && depth < DEEPEST; i++) {
            items.add(value(schema.get("items") == null ? Map.of("type", "string") : schema.get("items"), depth + 1));
        }
        return items;
    }

    private Map<String, @Nullable Object> object(Map<?, ?> schema, int depth) {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        if (schema.get("properties") instanceof Map<?, ?> properties) {
            properties.forEach((name, property) -> object.put(String.valueOf(name), value(property, depth + 1)));
        }
        return object;
    }

    /** {@code #/$defs/Name}; null where nothing is there. */
    private @Nullable Object found(String reference) {
        Object at = root;
        for (String part : reference.replaceFirst("^#/?", "").split("/", -1)) {
            if (!part.isEmpty()) {
                at = at instanceof Map<?, ?> map ? map.get(part) : null;
            }
        }
        return at;
    }
}
