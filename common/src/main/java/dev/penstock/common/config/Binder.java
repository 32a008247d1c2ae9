package dev.penstock.common.config;

import dev.penstock.common.unit.DataSize;
import dev.penstock.common.unit.Money;
import dev.penstock.common.unit.Secret;
import java.lang.reflect.InvocationTargetException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes records of {@link Raw}. Where something is wrong it notes that and goes on with a value of the right type, so
 * that all mistakes are found in one go; what it made is only good if there are no problems.
 */
final class Binder {
    private final Problems problems;
    private final Map<String, Raw.Origin> places = new HashMap<>();

    Binder(Problems problems) {
        this.problems = problems;
    }

    /** Where the setting at {@code path} was written, or the nearest thing around it. */
    Raw.Origin place(String path) {
        String at = path;
        while (true) {
            Raw.Origin origin = places.get(at);
            if (origin != null) {
                return origin;
            }
            at = at.substring(0, Math.max(0, Math.max(at.lastIndexOf('.'), at.lastIndexOf('['))));
        }
    }

    PenstockConfig bind(Raw.Mapping document) {
        places.put("", document.origin());
        return (PenstockConfig) section(document, Shape.ROOT, "");
    }

    Record section(Raw.Mapping mapping, Shape.Section shape, String path) {
        unknownKeys(mapping, shape, path);
        @Nullable Object[] arguments = new @Nullable Object[shape.fields().size()];
        Class<?>[] types = new Class<?>[arguments.length];
        for (int i = 0; i < arguments.length; i++) {
            Shape.Field field = shape.fields().get(i);
            types[i] = field.component().getType();
            arguments[i] = field(mapping, field, path.isEmpty() ? field.key() : path + "." + field.key());
        }
        try {
            var constructor = shape.type().getDeclaredConstructor(types);
            return constructor.newInstance(arguments);
        } catch (InvocationTargetException e) {
            throw new IllegalStateException(shape.type() + " refuses " + path, e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(shape.type() + " cannot be made", e);
        }
    }

    private void unknownKeys(Raw.Mapping mapping, Shape.Section shape, String path) {
        List<String> known = shape.fields().stream().map(Shape.Field::key).toList();
        mapping.entries().forEach((key, entry) -> {
            if (!known.contains(key)) {
                String fix = Nearest.to(key, known)
                        .map(near -> "Did you mean " + near + "? Else remove it")
                        .orElse("Known here are " + String.join(", ", known));
                problems.add(entry.keyOrigin(), path.isEmpty() ? key : path + "." + key, "this key is not known", fix);
            }
        });
    }

    private @Nullable Object field(Raw.Mapping mapping, Shape.Field field, String path) {
        Raw.Entry entry = mapping.entries().get(field.key());
        if (entry != null && !(entry.value() instanceof Raw.Absent)) {
            places.put(path, entry.value().origin());
            return value(entry.value(), field, path);
        }
        if (entry != null) {
            places.put(path, entry.keyOrigin());
        }
        if (field.required()) {
            Raw.Origin origin = entry == null ? mapping.origin() : entry.keyOrigin();
            problems.add(
                    origin, path, "this must be given", field.setting().doc().replaceAll("\\.$", ""));
            return placeholder(field.shape());
        }
        return absent(field, mapping.origin(), path);
    }

    private @Nullable Object absent(Shape.Field field, Raw.Origin origin, String path) {
        String text = field.setting().value();
        return switch (field.shape()) {
            case Shape.Section section -> section(new Raw.Mapping(new LinkedHashMap<>(), origin), section, path);
            case Shape.Items _, Shape.Entries _ when text.isEmpty() -> placeholder(field.shape());
            case Shape.Leaf _ when text.isEmpty() && field.nullable() -> null;
            default -> value(new Raw.Scalar(text, Raw.Origin.NOWHERE), field, path);
        };
    }

    private Object value(Raw raw, Shape.Field field, String path) {
        return value(raw, field.shape(), field.setting(), path);
    }

    private Object value(Raw raw, Shape shape, Setting setting, String path) {
        return switch (shape) {
            case Shape.Leaf leaf -> leaf(raw, leaf, setting, path);
            case Shape.Items items -> items(raw, items, setting, path);
            case Shape.Entries entries -> entries(raw, entries, setting, path);
            case Shape.Section section -> {
                if (raw instanceof Raw.Mapping mapping) {
                    yield section(mapping, section, path);
                }
                wrong(raw, path, "a section with keys is needed here");
                yield placeholder(section);
            }
        };
    }

    private Object leaf(Raw raw, Shape.Leaf leaf, Setting setting, String path) {
        if (raw instanceof Raw.Scalar scalar) {
            try {
                return ValueParser.parse(scalar.text(), leaf.type(), setting);
            } catch (ValueParser.Unreadable e) {
                problems.add(raw.origin(), path, e.problem(), e.fix());
                return placeholder(leaf);
            }
        }
        wrong(raw, path, "a single value is needed here");
        return placeholder(leaf);
    }

    private Object items(Raw raw, Shape.Items shape, Setting setting, String path) {
        List<Object> values = new ArrayList<>();
        if (raw instanceof Raw.Sequence sequence) {
            for (Raw item : sequence.items()) {
                String inner = path + "[" + values.size() + "]";
                places.put(inner, item.origin());
                values.add(value(item, shape.item(), setting, inner));
            }
        } else if (raw instanceof Raw.Scalar scalar && scalar.origin().line() == 0) {
            for (String part : scalar.text().split(",", -1)) {
                if (!part.isBlank()) {
                    Raw item = new Raw.Scalar(part.strip(), raw.origin());
                    values.add(value(item, shape.item(), setting, path + "[" + values.size() + "]"));
                }
            }
        } else {
            wrong(raw, path, "a list is needed here");
        }
        return values;
    }

    private Object entries(Raw raw, Shape.Entries shape, Setting setting, String path) {
        Map<String, Object> values = new LinkedHashMap<>();
        if (raw instanceof Raw.Mapping mapping) {
            mapping.entries().forEach((key, entry) -> {
                String inner = path + "." + key;
                places.put(inner, entry.value().origin());
                values.put(key, value(entry.value(), shape.value(), setting, inner));
            });
        } else {
            wrong(raw, path, "a mapping of names to values is needed here");
        }
        return values;
    }

    private void wrong(Raw raw, String path, String need) {
        String is = switch (raw) {
            case Raw.Scalar _ -> "this is a single value";
            case Raw.Sequence _ -> "this is a list";
            case Raw.Mapping _ -> "this is a section";
            case Raw.Absent _ -> "this is empty";
        };
        problems.add(raw.origin(), path, need + ", and " + is, "See this key in docs/configuration.md");
    }

    /** Stands in for what could not be read; never leaves the loader. */
    private Object placeholder(Shape shape) {
        return switch (shape) {
            case Shape.Items _ -> List.of();
            case Shape.Entries _ -> Map.of();
            case Shape.Section section ->
                new Binder(new Problems()).section(new Raw.Mapping(Map.of(), Raw.Origin.NOWHERE), section, "");
            case Shape.Leaf leaf -> placeholder(leaf.type());
        };
    }

    private static Object placeholder(Class<?> type) {
        if (type.isEnum()) {
            return type.getEnumConstants()[0];
        }
        return switch (type.getSimpleName()) {
            case "int", "Integer" -> 0;
            case "long", "Long" -> 0L;
            case "double", "Double" -> 0.0;
            case "boolean", "Boolean" -> false;
            case "Duration" -> Duration.ZERO;
            case "DataSize" -> new DataSize(0);
            case "Money" -> Money.ZERO;
            case "Secret" -> new Secret("");
            default -> "";
        };
    }
}
