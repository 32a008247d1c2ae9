package dev.penstock.common.config;

/** Who may call a route. */
public record RouteAuthConfig(
        @Setting(doc = "Whether everybody may call without a key; limits then go by address.", value = "false")
        boolean open,

        @Setting(doc = "Least role of a key.", value = "user")
        Level role,

        @Setting(
                doc =
                        "Whether the caller's Authorization, x-api-key and session cookie reach the server. Off keeps Penstock's keys to Penstock.",
                value = "false")
        boolean forwardCredentials) {
    /** Roles, least first. */
    public enum Level {
        USER,
        ANALYST,
        ADMIN
    }
}
