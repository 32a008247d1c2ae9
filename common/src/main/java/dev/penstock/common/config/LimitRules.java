package dev.penstock.common.config;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/** What must hold of {@code limits} beyond types and ranges. Pure. */
final class LimitRules {
    /** Names of models are among them. */
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:/@-]{0,127}");

    /** Where a rule that does not hold is told: path, problem, fix. */
    @FunctionalInterface
    interface Sink {
        void add(String path, String problem, String fix);
    }

    private final Sink sink;

    LimitRules(Sink sink) {
        this.sink = sink;
    }

    void check(List<LimitClassConfig> limits) {
        Map<String, Integer> seen = new HashMap<>();
        for (int i = 0; i < limits.size(); i++) {
            LimitClassConfig limit = limits.get(i);
            String path = "limits[" + i + "]";
            if (!NAME.matcher(limit.name()).matches()) {
                String shown = limit.name().length() <= 60
                        ? limit.name()
                        : limit.name().substring(0, 60) + "…";
                sink.add(
                        path + ".name",
                        "a class of limits may not be '" + shown + "'",
                        "Use up to 128 letters, digits and . _ : / @ -, beginning with a letter or digit");
            }
            String scope = limit.scope().name().toLowerCase(Locale.ROOT);
            Integer first = seen.putIfAbsent(limit.name().toLowerCase(Locale.ROOT) + '\0' + scope, i);
            if (first != null) {
                sink.add(
                        path + ".name",
                        "'" + limit.name() + "' is already the name of limits[" + first + "] for each " + scope,
                        "Merge the two, or give one another name or another `for`");
            }
            if (limit.burst() > 0 && limit.perSecond() == 0) {
                sink.add(path + ".burst", "a burst needs a rate", "Set per-second, or drop burst");
            }
            grows(path, "per-second", limit.perSecond(), "per-minute", limit.perMinute());
            grows(path, "per-minute", limit.perMinute(), "per-hour", limit.perHour());
            grows(path, "per-hour", limit.perHour(), "per-day", limit.perDay());
            grows(path, "tokens-per-minute", limit.tokensPerMinute(), "tokens-per-hour", limit.tokensPerHour());
            grows(path, "tokens-per-hour", limit.tokensPerHour(), "tokens-per-day", limit.tokensPerDay());
        }
    }

    /** A longer window that allows less than a shorter one makes the shorter one pointless: mostly a slip of the pen. */
    private void grows(String path, String shortKey, long shortMost, String longKey, long longMost) {
        if (longMost > 0 && longMost < shortMost) {
            sink.add(
                    path + '.' + longKey,
                    longMost + " is less than the " + shortMost + " of " + shortKey
                            + ", which could then never be used",
                    "Raise " + longKey + ", or lower or drop " + shortKey);
        }
    }
}
