package dev.penstock.common.unit;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An amount of US dollars as a whole number of nano-dollars, written {@code 0.10usd} in the configuration. Exact: at most
 * nine decimals, no floating point anywhere. Up to about nine thousand million dollars.
 */
public record Money(long nanos) implements Comparable<Money> {
    public static final Money ZERO = new Money(0);
    public static final long NANOS_PER_USD = 1_000_000_000L;

    private static final int DECIMALS = 9;
    private static final Pattern FORM =
            Pattern.compile("(\\d{1,9})(?:\\.(\\d{1,9}))?\\s*usd", Pattern.CASE_INSENSITIVE);

    public Money {
        if (nanos < 0) {
            throw new IllegalArgumentException("an amount cannot be negative: " + nanos);
        }
    }

    /**
     * Reads the configuration's form.
     *
     * @throws IllegalArgumentException with a sentence that says which forms are allowed
     */
    public static Money parse(String text) {
        Matcher matcher = FORM.matcher(text.strip());
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "'" + text + "' is not an amount: write for example 0.10usd or 25usd, with at most nine decimals");
        }
        String fraction = matcher.group(2) == null ? "" : matcher.group(2);
        long nanos = fraction.isEmpty() ? 0 : Long.parseLong(fraction + "0".repeat(DECIMALS - fraction.length()));
        return new Money(Math.addExact(Math.multiplyExact(Long.parseLong(matcher.group(1)), NANOS_PER_USD), nanos));
    }

    /** Dollars as a decimal number without a unit and without needless zeros: {@code 0.00012}. */
    public static String decimal(long nanos) {
        long whole = Math.abs(nanos / NANOS_PER_USD);
        long rest = Math.abs(nanos % NANOS_PER_USD);
        StringBuilder text = new StringBuilder(24);
        if (nanos < 0) {
            text.append('-');
        }
        text.append(whole);
        if (rest == 0) {
            return text.toString();
        }
        String digits = Long.toString(NANOS_PER_USD + rest);
        int end = digits.length();
        while (digits.charAt(end - 1) == '0') {
            end--;
        }
        return text.append('.').append(digits, 1, end).toString();
    }

    @Override
    public int compareTo(Money other) {
        return Long.compare(nanos, other.nanos);
    }

    @Override
    public String toString() {
        return decimal(nanos) + "usd";
    }
}
