package dev.penstock.common.config;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Replaces references to variables of the environment: a name in braces after a dollar sign, with a default after
 * {@code :-} where wanted. Two dollar signs stand for one that begins no reference.
 */
final class References {
    private static final Pattern REFERENCE = Pattern.compile("\\$\\$\\{|\\$\\{([^}]*)}");
    private static final Pattern NAME = Pattern.compile("([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?", Pattern.DOTALL);

    private final Map<String, String> environment;
    private final Problems problems;

    References(Map<String, String> environment, Problems problems) {
        this.environment = environment;
        this.problems = problems;
    }

    String resolve(String text, Raw.Origin origin, String path) {
        if (!text.contains("${")) {
            return text;
        }
        return REFERENCE.matcher(text).replaceAll(match -> {
            String inner = match.group(1);
            return Matcher.quoteReplacement(inner == null ? "${" : value(inner, origin, path));
        });
    }

    private String value(String inner, Raw.Origin origin, String path) {
        Matcher name = NAME.matcher(inner);
        if (!name.matches()) {
            problems.add(origin, path, "'${" + inner + "}' is no reference", "Write ${NAME} or ${NAME:-default}");
            return "";
        }
        String value = environment.get(name.group(1));
        String fallback = name.group(2);
        if (value != null && !(value.isEmpty() && fallback != null)) {
            return value;
        }
        if (fallback == null) {
            problems.add(
                    origin,
                    path,
                    "the environment variable " + name.group(1) + " is not set",
                    "Set it, or give a default as ${" + name.group(1) + ":-default}");
            return "";
        }
        return fallback;
    }
}
