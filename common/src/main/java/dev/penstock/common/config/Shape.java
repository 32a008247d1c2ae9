package dev.penstock.common.config;

import dev.penstock.common.unit.DataSize;
import dev.penstock.common.unit.Money;
import dev.penstock.common.unit.Secret;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What may stand at a place of the document, read from the records once. */
sealed interface Shape {
    Set<Class<?>> LEAVES = Set.of(
            int.class,
            Integer.class,
            long.class,
            Long.class,
            double.class,
            Double.class,
            boolean.class,
            Boolean.class,
            String.class,
            Duration.class,
            DataSize.class,
            Money.class,
            Secret.class);

    /** The whole document; reading it from the records is the dear part of a load. */
    Section ROOT = section(PenstockConfig.class);

    /** One value; an enum or one of {@link #LEAVES}. */
    record Leaf(Class<?> type) implements Shape {}

    /** A sequence. */
    record Items(Shape item) implements Shape {}

    /** A mapping with free keys. */
    record Entries(Shape value) implements Shape {}

    /** A mapping with the keys of a record. */
    record Section(Class<? extends Record> type, List<Field> fields) implements Shape {}

    /** One key of a section. */
    record Field(String key, Shape shape, Setting setting, boolean nullable, RecordComponent component) {
        boolean required() {
            return setting.value().equals(Setting.REQUIRED);
        }
    }

    static Section section(Class<? extends Record> type) {
        List<Field> fields = new ArrayList<>();
        for (RecordComponent component : type.getRecordComponents()) {
            Setting setting = component.getAnnotation(Setting.class);
            if (setting == null) {
                throw new IllegalStateException(type + "." + component.getName() + " has no @Setting");
            }
            boolean nullable = component.getAnnotatedType().isAnnotationPresent(Nullable.class);
            Shape shape = of(component.getGenericType());
            String key = setting.key().isEmpty() ? kebab(component.getName()) : setting.key();
            fields.add(new Field(key, shape, setting, nullable, component));
        }
        return new Section(type, List.copyOf(fields));
    }

    private static Shape of(Type type) {
        if (type instanceof ParameterizedType generic) {
            Type[] arguments = generic.getActualTypeArguments();
            if (generic.getRawType() == List.class) {
                return new Items(of(arguments[0]));
            }
            if (generic.getRawType() == Map.class && arguments[0] == String.class) {
                return new Entries(of(arguments[1]));
            }
        }
        if (type instanceof Class<?> plain) {
            if (plain.isRecord() && !LEAVES.contains(plain)) {
                return section(plain.asSubclass(Record.class));
            }
            if (plain.isEnum() || LEAVES.contains(plain)) {
                return new Leaf(plain);
            }
        }
        throw new IllegalStateException("no setting can be of type " + type);
    }

    /** {@code maxBody} is written {@code max-body}. */
    static String kebab(String name) {
        return name.replaceAll("([a-z0-9])([A-Z])", "$1-$2").toLowerCase(Locale.ROOT);
    }

    /** How the constants of an enum are written. */
    static List<String> names(Class<?> type) {
        List<String> names = new ArrayList<>();
        for (Object constant : type.getEnumConstants()) {
            names.add(((Enum<?>) constant).name().toLowerCase(Locale.ROOT).replace('_', '-'));
        }
        return names;
    }
}
