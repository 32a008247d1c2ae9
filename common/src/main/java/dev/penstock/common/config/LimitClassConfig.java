package dev.penstock.common.config;

/** Request limits of one class; all windows hold at once, 0 means none. */
public record LimitClassConfig(
        @Setting(
                doc = "ai, analysis, reference, upstream, admin, default, or the name of an operation.",
                value = Setting.REQUIRED)
        String name,

        @Setting(doc = "Requests in any minute.", value = "0", min = 0)
        long perMinute,

        @Setting(doc = "Requests in any hour.", value = "0", min = 0)
        long perHour,

        @Setting(doc = "Requests in any day.", value = "0", min = 0)
        long perDay) {}
