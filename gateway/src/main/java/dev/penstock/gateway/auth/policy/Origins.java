package dev.penstock.gateway.auth.policy;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Whether a page may act with the cookie of whoever looks at it. Browsers attach cookies and open sockets for any page,
 * but they say truthfully which page it was.
 */
public final class Origins {
    private Origins() {}

    /**
     * Decides.
     *
     * @param origin the {@code Origin} header; a request with a cookie and without it is refused
     * @param host the {@code Host} header
     * @param allowed origins from the configuration, such as {@code https://console.example.com}
     */
    public static boolean permits(@Nullable String origin, @Nullable String host, List<String> allowed) {
        if (origin == null) {
            return false;
        }
        for (String other : allowed) {
            if (normal(other).equals(normal(origin))) {
                return true;
            }
        }
        int at = origin.indexOf("://");
        if (at < 0 || host == null) {
            return false;
        }
        // A proxy in front may end TLS, so the scheme that we see says nothing: the host and port must be the same.
        String scheme = origin.substring(0, at).toLowerCase(Locale.ROOT);
        String port = scheme.equals("https") ? ":443" : ":80";
        return bare(origin.substring(at + 3), port).equals(bare(host, port));
    }

    private static String normal(String origin) {
        String lower = origin.strip().toLowerCase(Locale.ROOT);
        return lower.endsWith("/") ? lower.substring(0, lower.length() - 1) : lower;
    }

    private static String bare(String authority, String defaultPort) {
        String lower = authority.toLowerCase(Locale.ROOT);
        return lower.endsWith(defaultPort) ? lower.substring(0, lower.length() - defaultPort.length()) : lower;
    }
}
