package dev.penstock.common.bus;

import dev.penstock.common.unit.Bytes;
import java.lang.reflect.Constructor;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Fills any record of the contracts with values that differ from the defaults of a reader. */
final class SampleRecords {
    private SampleRecords() {}

    static Object of(Class<?> type) throws ReflectiveOperationException {
        RecordComponent[] components = type.getRecordComponents();
        Class<?>[] types =
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        Object[] values = new Object[components.length];
        for (int i = 0; i < components.length; i++) {
            values[i] = value(components[i].getGenericType());
        }
        Constructor<?> constructor = type.getDeclaredConstructor(types);
        constructor.setAccessible(true);
        return constructor.newInstance(values);
    }

    private static Object value(Type type) throws ReflectiveOperationException {
        if (type instanceof ParameterizedType generic) {
            Class<?> raw = (Class<?>) generic.getRawType();
            Type[] arguments = generic.getActualTypeArguments();
            return raw == Map.class ? Map.of("key", value(arguments[1])) : List.of(value(arguments[0]));
        }
        Class<?> raw = (Class<?>) type;
        if (raw == int.class || raw == Integer.class) {
            return 7;
        } else if (raw == long.class || raw == Long.class) {
            return -9_000_000_000L;
        } else if (raw == double.class || raw == Double.class) {
            return 0.25;
        } else if (raw == boolean.class) {
            return true;
        } else if (raw == String.class) {
            return "text \u00fc \u4f60";
        } else if (raw == Bytes.class) {
            return Bytes.of(new byte[] {0, 1, (byte) 0xff});
        } else if (raw == Duration.class) {
            return Duration.ofNanos(1_234_567_891L);
        } else if (raw == Instant.class) {
            return Instant.parse("2026-01-02T03:04:05.678901234Z");
        } else if (raw.isEnum()) {
            return raw.getEnumConstants()[raw.getEnumConstants().length - 1];
        } else if (raw.isSealed()) {
            return of(ContractTypes.records(raw).iterator().next());
        } else if (raw.isRecord()) {
            return of(raw);
        } else if (raw == long[].class) {
            return new long[] {3, 5};
        }
        throw new IllegalArgumentException("no sample for " + type + ": add one");
    }
}
