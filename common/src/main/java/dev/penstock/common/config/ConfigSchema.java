package dev.penstock.common.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.common.unit.DataSize;
import dev.penstock.common.unit.Money;
import dev.penstock.common.unit.Secret;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The JSON Schema (2020-12) of {@code penstock.yaml}, for editors that complete and check. Made of the records. */
public final class ConfigSchema {
    private static final String REFERENCE = "#/$defs/reference";

    private ConfigSchema() {}

    /** The schema as indented JSON, the same on every machine; ends in a line feed. */
    public static String json() {
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("$schema", "https://json-schema.org/draft/2020-12/schema");
        root.put("$id", "https://penstock.dev/schema/penstock.schema.json");
        root.put("title", "Penstock configuration");
        root.putAll(section(Shape.ROOT));
        root.put(
                "$defs",
                Map.of(
                        "reference",
                        ordered(
                                "description", "A value from the environment.",
                                "type", "string",
                                "pattern", "\\$\\{[A-Za-z_][A-Za-z0-9_]*(:-[^}]*)?\\}")));
        try {
            return new ObjectMapper().writer(printer()).writeValueAsString(root) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("maps of strings failed to become JSON", e);
        }
    }

    private static DefaultPrettyPrinter printer() {
        DefaultIndenter indenter = new DefaultIndenter("  ", "\n");
        return new DefaultPrettyPrinter(
                        Separators.createDefaultInstance().withObjectFieldValueSpacing(Separators.Spacing.AFTER))
                .withObjectIndenter(indenter)
                .withArrayIndenter(indenter);
    }

    private static Map<String, Object> section(Shape.Section shape) {
        Map<String, Object> properties = new LinkedHashMap<>();
        List<String> required = new ArrayList<>();
        for (Shape.Field field : shape.fields()) {
            Map<String, Object> property = new LinkedHashMap<>();
            property.put("description", field.setting().doc());
            property.putAll(of(field.shape(), field.setting()));
            if (!field.setting().value().isEmpty() && !field.required()) {
                property.put("default", defaultValue(field));
            }
            properties.put(field.key(), property);
            if (field.required()) {
                required.add(field.key());
            }
        }
        Map<String, Object> section = ordered("type", "object", "additionalProperties", false);
        section.put("properties", properties);
        if (!required.isEmpty()) {
            section.put("required", required);
        }
        return section;
    }

    private static Map<String, Object> of(Shape shape, Setting setting) {
        return switch (shape) {
            case Shape.Section section -> section(section);
            case Shape.Items items -> ordered("type", "array", "items", of(items.item(), setting));
            case Shape.Entries entries ->
                ordered("type", "object", "additionalProperties", of(entries.value(), setting));
            case Shape.Leaf leaf -> leaf(leaf.type(), setting);
        };
    }

    private static Map<String, Object> leaf(Class<?> type, Setting setting) {
        if (type == String.class || type == Secret.class) {
            return ordered("type", List.of("string", "number", "boolean"));
        }
        Map<String, Object> value = value(type, setting);
        return ordered("anyOf", List.of(value, Map.of("$ref", REFERENCE)));
    }

    private static Map<String, Object> value(Class<?> type, Setting setting) {
        if (type.isEnum()) {
            return ordered("enum", Shape.names(type));
        }
        if (type == Duration.class) {
            return ordered("type", "string", "pattern", "^([0-9]+(ms|s|m|h|d))+$");
        }
        if (type == DataSize.class) {
            return ordered("type", "string", "pattern", "^[0-9]+ *([Bb]|[KkMmGg][Ii][Bb])$");
        }
        if (type == Money.class) {
            return ordered("type", "string", "pattern", "^[0-9]{1,9}([.][0-9]{1,9})? *[Uu][Ss][Dd]$");
        }
        if (type == boolean.class || type == Boolean.class) {
            return ordered("type", "boolean");
        }
        boolean real = type == double.class || type == Double.class;
        Map<String, Object> number = ordered("type", real ? "number" : "integer");
        if (setting.min() != Long.MIN_VALUE) {
            number.put("minimum", setting.min());
        }
        if (setting.max() != Long.MAX_VALUE) {
            number.put("maximum", setting.max());
        }
        return number;
    }

    private static Object defaultValue(Shape.Field field) {
        if (!(field.shape() instanceof Shape.Leaf leaf)) {
            return field.setting().value();
        }
        try {
            Object value = ValueParser.parse(field.setting().value(), leaf.type(), field.setting());
            return value instanceof Number || value instanceof Boolean
                    ? value
                    : field.setting().value();
        } catch (ValueParser.Unreadable e) {
            throw new IllegalStateException("the default of " + field.key() + " is wrong: " + e.problem(), e);
        }
    }

    private static Map<String, Object> ordered(Object... pairs) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            map.put((String) pairs[i], pairs[i + 1]);
        }
        return map;
    }
}
