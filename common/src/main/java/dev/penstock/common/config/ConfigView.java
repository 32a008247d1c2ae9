package dev.penstock.common.config;

import dev.penstock.common.unit.DataSize;
import dev.penstock.common.unit.Secret;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A configuration as it would be written, for people: every setting with its value, secrets masked. Pure. */
public final class ConfigView {
    private static final String MASK = "***";

    private ConfigView() {}

    /** Maps, lists, texts, numbers and booleans, in the order of the records; a secret that is set is {@code ***}. */
    public static Map<String, Object> of(Record section) {
        Map<String, Object> view = new LinkedHashMap<>();
        for (RecordComponent component : section.getClass().getRecordComponents()) {
            Object shown = shown(read(component, section));
            if (shown != null) {
                view.put(Shape.kebab(component.getName()), shown);
            }
        }
        return view;
    }

    private static @Nullable Object read(RecordComponent component, Record section) {
        try {
            return component.getAccessor().invoke(section);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("a record can be read", e);
        }
    }

    private static @Nullable Object shown(@Nullable Object value) {
        return switch (value) {
            case null -> null;
            case Secret secret -> secret.reveal().isEmpty() ? "" : MASK;
            case Duration duration -> duration.toMillis() + "ms";
            case DataSize size -> size.toString();
            case Enum<?> constant -> constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
            case List<?> items -> items.stream().map(ConfigView::shown).toList();
            case Map<?, ?> entries -> {
                Map<String, Object> view = new LinkedHashMap<>();
                entries.forEach((key, each) -> {
                    Object inner = shown(each);
                    if (inner != null) {
                        view.put(String.valueOf(key), inner);
                    }
                });
                yield view;
            }
            case Record section -> of(section);
            case Number number -> number;
            case Boolean flag -> flag;
            default -> withoutCredentials(value.toString());
        };
    }

    /** A URL may carry a password although it is no secret by type. */
    private static String withoutCredentials(String text) {
        return text.replaceAll("(?<=://)[^/@\\s]*:[^/@\\s]*@", MASK + "@");
    }
}
