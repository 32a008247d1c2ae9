package dev.penstock.common.config;

/** Limits of one class, operation, route or model, for one kind of subject; all hold at once, 0 means none. */
public record LimitClassConfig(
        @Setting(
                doc =
                        "What is limited: a class (ai, analysis, reference, upstream, admin, default), an operation, a route, a"
                                + " model, `all`, or a name of your own that keys refer to as their class. The most specific name"
                                + " replaces the class; `all` holds beside the others.",
                value = Setting.REQUIRED)
        String name,

        @Setting(
                key = "for",
                doc = "Whose calls are counted together: each key, user, team, address, model or route.",
                value = "key")
        LimitScope scope,

        @Setting(doc = "Requests a second, smoothed (GCRA).", value = "0", min = 0, max = 1_000_000)
        long perSecond,

        @Setting(
                doc = "Requests at once on top of per-second; 0 takes a tenth of it.",
                value = "0",
                min = 0,
                max = 1_000_000)
        long burst,

        @Setting(doc = "Requests in any minute.", value = "0", min = 0, max = 1_000_000_000_000L)
        long perMinute,

        @Setting(doc = "Requests in any hour.", value = "0", min = 0, max = 1_000_000_000_000L)
        long perHour,

        @Setting(doc = "Requests in any day.", value = "0", min = 0, max = 1_000_000_000_000L)
        long perDay,

        @Setting(doc = "Tokens, read and written, in any minute.", value = "0", min = 0, max = 1_000_000_000_000L)
        long tokensPerMinute,

        @Setting(doc = "Tokens in any hour.", value = "0", min = 0, max = 1_000_000_000_000L)
        long tokensPerHour,

        @Setting(doc = "Tokens in any day.", value = "0", min = 0, max = 1_000_000_000_000L)
        long tokensPerDay,

        @Setting(doc = "Calls to models under way at once, streams included.", value = "0", min = 0, max = 1_000_000)
        long concurrent) {

    /** Requests per key in three windows. */
    public static LimitClassConfig requests(String name, long perMinute, long perHour, long perDay) {
        return new LimitClassConfig(name, LimitScope.KEY, 0, 0, perMinute, perHour, perDay, 0, 0, 0, 0);
    }
}
