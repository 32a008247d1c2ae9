package dev.penstock.gateway.route.policy;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Headers that mean one connection and not the message (RFC 9110 §7.6.1). Pure. */
public final class HopHeaders {
    private static final Set<String> ALWAYS = Set.of(
            "connection",
            "proxy-connection",
            "keep-alive",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "proxy-authenticate",
            "proxy-authorization",
            "http2-settings",
            "expect");
    /** Naming these as options of a connection would let a caller take away what the message needs. */
    private static final Set<String> NEVER = Set.of("host", "content-length", "authorization", "cookie", "forwarded");

    private HopHeaders() {}

    /**
     * The names, in small letters, that must not be passed on.
     *
     * @param connection all values of the message's {@code Connection}
     */
    public static Set<String> of(List<String> connection) {
        if (connection.isEmpty()) {
            return ALWAYS;
        }
        Set<String> names = new HashSet<>(ALWAYS);
        for (String value : connection) {
            for (String option : value.split(",", -1)) {
                String name = option.strip().toLowerCase(Locale.ROOT);
                if (!name.isEmpty() && !NEVER.contains(name) && !name.startsWith("x-forwarded-")) {
                    names.add(name);
                }
            }
        }
        return names;
    }
}
