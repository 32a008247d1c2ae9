package dev.penstock.sandbox;

import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/** Reads optional request fields, with the caller's mistake named. */
final class Fields {
    private Fields() {}

    static String text(JsonObject body, String name, String otherwise) {
        Object value = body.getValue(name);
        if (value == null) {
            return otherwise;
        }
        if (value instanceof String text) {
            return text;
        }
        throw WireFault.badRequest(name + " must be a text.");
    }

    static @Nullable Integer integer(JsonObject body, String name, int least, int most) {
        Object value = body.getValue(name);
        if (value == null) {
            return null;
        }
        if (value instanceof Number number && number.doubleValue() == number.intValue()) {
            int found = number.intValue();
            if (found >= least && found <= most) {
                return found;
            }
        }
        throw WireFault.badRequest(name + " must be an integer from " + least + " to " + most + ".");
    }

    static boolean flag(JsonObject body, String name) {
        Object value = body.getValue(name);
        if (value == null || value instanceof Boolean) {
            return Boolean.TRUE.equals(value);
        }
        throw WireFault.badRequest(name + " must be true or false.");
    }
}
