package dev.penstock.common.unit;

import java.util.Locale;
import java.util.regex.Pattern;

/** A number of bytes, written {@code 512B}, {@code 64KiB}, {@code 64MiB} or {@code 1GiB} in the configuration. */
public record DataSize(long bytes) implements Comparable<DataSize> {
    private static final Pattern FORM = Pattern.compile("(\\d{1,15})\\s*(B|KiB|MiB|GiB)", Pattern.CASE_INSENSITIVE);

    public DataSize {
        if (bytes < 0) {
            throw new IllegalArgumentException("a size cannot be negative: " + bytes);
        }
    }

    public static DataSize ofKibibytes(long n) {
        return new DataSize(Math.multiplyExact(n, 1L << 10));
    }

    public static DataSize ofMebibytes(long n) {
        return new DataSize(Math.multiplyExact(n, 1L << 20));
    }

    /**
     * Reads the configuration's form.
     *
     * @throws IllegalArgumentException with a sentence that says which forms are allowed
     */
    public static DataSize parse(String text) {
        var matcher = FORM.matcher(text.strip());
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "'" + text + "' is not a size: write for example 512B, 64KiB, 64MiB or 1GiB");
        }
        long number = Long.parseLong(matcher.group(1));
        int shift = switch (matcher.group(2).toLowerCase(Locale.ROOT)) {
            case "kib" -> 10;
            case "mib" -> 20;
            case "gib" -> 30;
            default -> 0;
        };
        try {
            return new DataSize(Math.multiplyExact(number, 1L << shift));
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("'" + text + "' is larger than a size can be", e);
        }
    }

    @Override
    public int compareTo(DataSize other) {
        return Long.compare(bytes, other.bytes);
    }

    @Override
    public String toString() {
        String[] units = {"B", "KiB", "MiB", "GiB"};
        int unit = 0;
        long rest = bytes;
        while (unit < 3 && rest >= 1024 && rest % 1024 == 0) {
            rest /= 1024;
            unit++;
        }
        return rest + units[unit];
    }
}
