package dev.penstock.gateway.ops;

import dev.penstock.common.fault.Fault;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads fields of a body; a fault names the field and what would be right. Absent and null are the same. */
final class Fields {
    /** Names go into logs, labels and pages. */
    private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{N}][\\p{L}\\p{N} ._@/+-]{0,99}");

    private static final Pattern REFERENCE = Pattern.compile("[\\p{L}\\p{N}][\\p{L}\\p{N} ._:@/+-]{0,127}");
    private static final int MOST_ITEMS = 100;

    private Fields() {}

    /** A name that people gave something, or null. */
    static @Nullable String name(JsonObject body, String field) {
        String value = OpsCall.text(body, field);
        if (value != null && !NAME.matcher(value).matches()) {
            throw Fault.invalid(
                    field,
                    "'" + field
                            + "' must be 1 to 100 letters, digits, spaces or . _ @ / + -, beginning with a letter or"
                            + " digit.");
        }
        return value;
    }

    /** A name that must be there; {@code what} says whose. */
    static String neededName(JsonObject body, String field, String what) {
        String value = name(body, field);
        if (value == null) {
            throw Fault.invalid(field, what + " needs a '" + field + "'.");
        }
        return value;
    }

    static boolean flag(JsonObject body, String field, boolean absent) {
        Object value = body.getValue(field);
        if (value == null) {
            return absent;
        }
        if (value instanceof Boolean flag) {
            return flag;
        }
        throw Fault.invalid(field, "'" + field + "' must be true or false.");
    }

    static <E extends Enum<E>> E choice(JsonObject body, String field, E absent) {
        String text = OpsCall.text(body, field);
        Class<E> type = absent.getDeclaringClass();
        return text == null
                ? absent
                : Labels.parse(type, text)
                        .orElseThrow(
                                () -> Fault.invalid(field, "'" + field + "' must be one of " + Labels.all(type) + "."));
    }

    /** Up to 100 different names of something else. */
    static List<String> names(JsonObject body, String field) {
        Object value = body.getValue(field);
        if (value == null) {
            return List.of();
        }
        Set<String> names = new LinkedHashSet<>();
        if (value instanceof JsonArray array && array.size() <= MOST_ITEMS) {
            for (Object item : array) {
                if (!(item instanceof String name) || !REFERENCE.matcher(name).matches()) {
                    throw Fault.invalid(
                            field,
                            "Each of '" + field
                                    + "' must be a text of 1 to 128 letters, digits, spaces or . _ : @ / + -.");
                }
                names.add(name);
            }
            return List.copyOf(names);
        }
        throw Fault.invalid(field, "'" + field + "' must be a list of at most " + MOST_ITEMS + " texts.");
    }

    static @Nullable Instant instant(JsonObject body, String field) {
        String text = OpsCall.text(body, field);
        try {
            return text == null ? null : Instant.parse(text);
        } catch (DateTimeParseException e) {
            throw Fault.invalid(field, "'" + field + "' must be a moment such as 2027-01-31T00:00:00Z.");
        }
    }

    static long number(JsonObject body, String field, long absent, long least, long most) {
        Object value = body.getValue(field);
        if (value == null) {
            return absent;
        }
        if (value instanceof Number number
                && number.doubleValue() == number.longValue()
                && number.longValue() >= least
                && number.longValue() <= most) {
            return number.longValue();
        }
        throw Fault.invalid(field, "'" + field + "' must be a whole number from " + least + " to " + most + ".");
    }

    /** A number of the query. */
    static int query(OpsCall call, String name, int absent, int most) {
        String text = call.query(name);
        if (text == null) {
            return absent;
        }
        if (text.matches("\\d{1,6}") && Integer.parseInt(text) >= 1 && Integer.parseInt(text) <= most) {
            return Integer.parseInt(text);
        }
        throw Fault.invalid(name, "'" + name + "' must be a whole number from 1 to " + most + ".");
    }

    static @Nullable String text(@Nullable Instant instant) {
        return instant == null ? null : instant.toString();
    }
}
