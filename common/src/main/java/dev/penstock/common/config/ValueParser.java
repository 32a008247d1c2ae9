package dev.penstock.common.config;

import dev.penstock.common.unit.DataSize;
import dev.penstock.common.unit.Money;
import dev.penstock.common.unit.Secret;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One value from its text. Pure; what it throws never holds a secret. */
final class ValueParser {
    private static final Pattern DURATION = Pattern.compile("(\\d{1,12})(ms|s|m|h|d)");
    private static final String DURATION_FORMS = "Write for example 250ms, 5s, 10m, 24h or 7d";

    private ValueParser() {}

    /** The text is not what the setting needs. */
    static final class Unreadable extends Exception {
        private static final long serialVersionUID = 1L;
        private final String fix;

        Unreadable(String problem, String fix) {
            super(problem, null, false, false);
            this.fix = fix;
        }

        String problem() {
            return String.valueOf(getMessage());
        }

        String fix() {
            return fix;
        }
    }

    /** @throws Unreadable with what is wrong and what to write instead */
    static Object parse(String text, Class<?> type, Setting setting) throws Unreadable {
        if (type == String.class) {
            return text;
        }
        if (type == Secret.class) {
            return new Secret(text);
        }
        if (type == boolean.class || type == Boolean.class) {
            return bool(text);
        }
        if (type.isEnum()) {
            return constant(text, type);
        }
        return quantity(text.strip(), type, setting);
    }

    private static Object quantity(String text, Class<?> type, Setting setting) throws Unreadable {
        if (type == Duration.class) {
            Duration duration = duration(text);
            inRange(text, (double) duration.toMillis(), setting, "ms");
            return duration;
        }
        if (type == DataSize.class) {
            DataSize size = size(text);
            inRange(text, (double) size.bytes(), setting, " bytes");
            return size;
        }
        if (type == Money.class) {
            Money amount = money(text);
            inRange(text, (double) amount.nanos(), setting, " nano-dollars");
            return amount;
        }
        if (type == double.class || type == Double.class) {
            double number = real(text);
            inRange(text, number, setting, "");
            return number;
        }
        long number = whole(text);
        inRange(text, (double) number, setting, "");
        if (type == long.class || type == Long.class) {
            return number;
        }
        if (number != (int) number) {
            throw new Unreadable("'" + text + "' is too large", "Write a number up to " + Integer.MAX_VALUE);
        }
        return (int) number;
    }

    private static boolean bool(String text) throws Unreadable {
        return switch (text.strip()) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new Unreadable("'" + text + "' is neither true nor false", "Write true or false");
        };
    }

    private static Object constant(String text, Class<?> type) throws Unreadable {
        List<String> names = Shape.names(type);
        int index = names.indexOf(text.strip());
        if (index >= 0) {
            return type.getEnumConstants()[index];
        }
        String meant = Nearest.to(text, names)
                .map(name -> "Did you mean " + name + "? ")
                .orElse("");
        throw new Unreadable("'" + text + "' is not known here", meant + "Write one of " + String.join(", ", names));
    }

    private static long whole(String text) throws Unreadable {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new Unreadable("'" + text + "' is not a whole number", "Write digits only, such as 32");
        }
    }

    private static double real(String text) throws Unreadable {
        try {
            double number = Double.parseDouble(text);
            if (Double.isFinite(number)) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Told below, with what is not finite.
        }
        throw new Unreadable("'" + text + "' is not a number", "Write a number such as 99.9");
    }

    private static DataSize size(String text) throws Unreadable {
        try {
            return DataSize.parse(text);
        } catch (IllegalArgumentException e) {
            throw new Unreadable("'" + text + "' is not a size", "Write for example 512B, 64KiB, 64MiB or 1GiB");
        }
    }

    private static Money money(String text) throws Unreadable {
        try {
            return Money.parse(text);
        } catch (IllegalArgumentException e) {
            throw new Unreadable(
                    "'" + text + "' is not an amount of money",
                    "Write for example 0.10usd or 25usd, with at most nine decimals");
        }
    }

    private static Duration duration(String text) throws Unreadable {
        Matcher matcher = DURATION.matcher(text);
        Duration sum = Duration.ZERO;
        int end = 0;
        while (matcher.find() && matcher.start() == end) {
            long number = Long.parseLong(matcher.group(1));
            sum = sum.plus(
                    switch (matcher.group(2)) {
                        case "ms" -> Duration.ofMillis(number);
                        case "s" -> Duration.ofSeconds(number);
                        case "m" -> Duration.ofMinutes(number);
                        case "h" -> Duration.ofHours(number);
                        default -> Duration.ofDays(number);
                    });
            end = matcher.end();
        }
        if (end == 0 || end != text.length()) {
            throw new Unreadable("'" + text + "' is not a duration", DURATION_FORMS);
        }
        if (sum.compareTo(Duration.ofDays(36_500)) > 0) {
            throw new Unreadable("'" + text + "' is longer than a hundred years", DURATION_FORMS);
        }
        return sum;
    }

    private static void inRange(String text, double number, Setting setting, String unit) throws Unreadable {
        if (number < setting.min()) {
            throw new Unreadable("'" + text + "' is too small", "The least is " + setting.min() + unit);
        }
        if (number > setting.max()) {
            throw new Unreadable("'" + text + "' is too large", "The most is " + setting.max() + unit);
        }
    }
}
