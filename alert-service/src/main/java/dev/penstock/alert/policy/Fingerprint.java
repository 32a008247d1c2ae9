package dev.penstock.alert.policy;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/**
 * The identity of an alert, equal to Alertmanager's: FNV-1a (64 bit) over the labels in the order of their names, each as
 * {@code name 0xFF value 0xFF}. Labels with an empty value count as absent.
 */
public final class Fingerprint {
    /** The label that carries the alert's name. */
    public static final String NAME_LABEL = "alertname";

    private static final long OFFSET = 0xcbf29ce484222325L;
    private static final long PRIME = 0x100000001b3L;
    private static final int SEPARATOR = 0xFF;

    private Fingerprint() {}

    /** The fingerprint of {@code labels} with {@code name} as {@link #NAME_LABEL}, as 16 hexadecimal digits. */
    public static String of(String name, Map<String, String> labels) {
        Map<String, String> all = new TreeMap<>(labels);
        all.put(NAME_LABEL, name);
        return of(all);
    }

    /** The fingerprint of labels that already carry the name. */
    public static String of(Map<String, String> labels) {
        long sum = OFFSET;
        for (Map.Entry<String, String> label : new TreeMap<>(labels).entrySet()) {
            if (!label.getValue().isEmpty()) {
                sum = separator(add(sum, label.getKey()));
                sum = separator(add(sum, label.getValue()));
            }
        }
        return "%016x".formatted(sum);
    }

    private static long add(long sum, String text) {
        long hash = sum;
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (b & 0xFF)) * PRIME;
        }
        return hash;
    }

    private static long separator(long sum) {
        return (sum ^ SEPARATOR) * PRIME;
    }
}
