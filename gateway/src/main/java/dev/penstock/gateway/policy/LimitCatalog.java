package dev.penstock.gateway.policy;

import dev.penstock.gateway.policy.WindowSet.Limit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Which limits hold for an operation: its own where it has some, else its class's. Immutable. */
public final class LimitCatalog {
    private static final long MINUTE = 60_000;
    private static final long HOUR = 60 * MINUTE;
    private static final long DAY = 24 * HOUR;

    private final Map<String, List<Limit>> byName = new HashMap<>();

    /** Replaces the limits of a class or of one operation; 0 means none for that window. */
    public record OwnLimits(String name, long perMinute, long perHour, long perDay) {}

    public LimitCatalog(List<OwnLimits> overrides) {
        for (OperationClass shipped : OperationClass.values()) {
            byName.put(shipped.label(), limits(shipped.perMinute(), shipped.perHour(), shipped.perDay()));
        }
        for (OwnLimits own : overrides) {
            byName.put(own.name().toLowerCase(Locale.ROOT), limits(own.perMinute(), own.perHour(), own.perDay()));
        }
    }

    /** The name under which an operation is counted: its own if it has limits of its own, else its class's. */
    public String bucket(String operation, OperationClass operationClass) {
        return byName.containsKey(operation) ? operation : operationClass.label();
    }

    /** The limits of a bucket; empty where nothing limits it. */
    public List<Limit> limits(String bucket) {
        return byName.getOrDefault(bucket, List.of());
    }

    private static List<Limit> limits(long perMinute, long perHour, long perDay) {
        List<Limit> limits = new ArrayList<>();
        add(limits, "minute", MINUTE, perMinute);
        add(limits, "hour", HOUR, perHour);
        add(limits, "day", DAY, perDay);
        return List.copyOf(limits);
    }

    private static void add(List<Limit> limits, String window, long length, long most) {
        if (most > 0) {
            limits.add(new Limit(window, length, most));
        }
    }
}
