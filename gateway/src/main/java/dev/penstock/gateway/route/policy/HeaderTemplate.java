package dev.penstock.gateway.route.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A header's value with variables in braces, such as {@code {request-id}}. Immutable. */
public final class HeaderTemplate {
    /** What a value may hold; nothing that a caller can write freely, so that no value can be forged. */
    public enum Variable {
        REQUEST_ID,
        CLIENT_ADDRESS,
        ROUTE,
        KEY_ID,
        USER,
        TEAM,
        TENANT,
        ROLE,
        SCHEME,
        METHOD,
        UPSTREAM;

        /** As it is written. */
        public String label() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        static @Nullable Variable of(String label) {
            for (Variable variable : values()) {
                if (variable.label().equals(label)) {
                    return variable;
                }
            }
            return null;
        }
    }

    private record Part(String text, @Nullable Variable variable) {}

    private final List<Part> parts;

    private HeaderTemplate(List<Part> parts) {
        this.parts = List.copyOf(parts);
    }

    /** The first name in braces that is no variable; empty where all are known. */
    public static Optional<String> unknown(String text) {
        for (Part part : parse(text)) {
            if (part.variable() == null && part.text().startsWith("{")) {
                return Optional.of(part.text());
            }
        }
        return Optional.empty();
    }

    /** @throws IllegalArgumentException where a variable is not known */
    public static HeaderTemplate of(String text) {
        unknown(text).ifPresent(name -> {
            throw new IllegalArgumentException(name + " is no variable");
        });
        return new HeaderTemplate(parse(text));
    }

    /** The value; a variable that has none now is empty. */
    public String render(Function<Variable, String> values) {
        if (parts.size() == 1 && parts.getFirst().variable() == null) {
            return parts.getFirst().text();
        }
        StringBuilder value = new StringBuilder();
        for (Part part : parts) {
            value.append(part.variable() == null ? part.text() : values.apply(part.variable()));
        }
        return value.toString();
    }

    private static List<Part> parse(String text) {
        List<Part> parts = new ArrayList<>();
        int from = 0;
        while (from < text.length()) {
            int open = text.indexOf('{', from);
            int close = open < 0 ? -1 : text.indexOf('}', open);
            if (close < 0) {
                parts.add(new Part(text.substring(from), null));
                break;
            }
            if (open > from) {
                parts.add(new Part(text.substring(from, open), null));
            }
            String name = text.substring(open, close + 1);
            parts.add(new Part(name, Variable.of(name.substring(1, name.length() - 1))));
            from = close + 1;
        }
        return parts.isEmpty() ? List.of(new Part("", null)) : parts;
    }
}
