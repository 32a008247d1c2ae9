package dev.penstock.gateway.policy;

import java.util.Locale;

/** What kind of work an operation is; limits are shipped per class. */
public enum OperationClass {
    AI(100, 1000, 10_000),
    ANALYSIS(200, 2000, 20_000),
    REFERENCE(30, 300, 1000),
    UPSTREAM(20, 100, 500),
    ADMIN(10, 50, 200),
    DEFAULT(100, 1000, 0);

    private final long perMinute;
    private final long perHour;
    private final long perDay;

    OperationClass(long perMinute, long perHour, long perDay) {
        this.perMinute = perMinute;
        this.perHour = perHour;
        this.perDay = perDay;
    }

    /** As in the configuration and in labels. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Requests in any minute; 0 means no limit, as in the two below. */
    public long perMinute() {
        return perMinute;
    }

    public long perHour() {
        return perHour;
    }

    public long perDay() {
        return perDay;
    }
}
