package dev.penstock.common.config;

import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A section of the configuration with one setting replaced; for what is known only once a process runs, and for tests. */
public final class Changed {
    private Changed() {}

    /** The sections that differ, as they are written, in their order. */
    static List<String> sections(PenstockConfig before, PenstockConfig next) {
        List<String> names = new ArrayList<>();
        for (RecordComponent section : PenstockConfig.class.getRecordComponents()) {
            if (!Objects.equals(value(section, before), value(section, next))) {
                names.add(Shape.kebab(section.getName()));
            }
        }
        return names;
    }

    static @Nullable Object value(RecordComponent component, Record section) {
        try {
            return component.getAccessor().invoke(section);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("a record can be read", e);
        }
    }

    /**
     * A copy that differs in one component.
     *
     * @param setting the component's name in Java, such as {@code managementPort}
     * @throws IllegalArgumentException if the record has no such component, or the value is not of its type
     */
    public static <R extends Record> R with(R section, String setting, Object value) {
        RecordComponent[] components = section.getClass().getRecordComponents();
        @Nullable Object[] values = new Object[components.length];
        boolean found = false;
        try {
            for (int i = 0; i < components.length; i++) {
                boolean wanted = components[i].getName().equals(setting);
                found |= wanted;
                values[i] = wanted ? value : value(components[i], section);
            }
            if (!found) {
                throw new IllegalArgumentException(section.getClass().getSimpleName() + " has no setting " + setting);
            }
            Class<?>[] types =
                    Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
            @SuppressWarnings("unchecked") // a record's own canonical constructor
            Constructor<R> canonical = (Constructor<R>) section.getClass().getDeclaredConstructor(types);
            return canonical.newInstance(values);
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException("cannot change " + setting, e);
        }
    }
}
