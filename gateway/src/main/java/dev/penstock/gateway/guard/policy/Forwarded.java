package dev.penstock.gateway.guard.policy;

import dev.penstock.common.net.Addresses;
import dev.penstock.common.net.Cidr;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Whom a proxy speaks for: of the addresses in {@code X-Forwarded-For} (or {@code Forwarded}, RFC 7239, where the first is
 * absent) the rightmost that is no trusted proxy itself. What stands left of it anybody could have written. Pure.
 */
public final class Forwarded {
    private static final int MOST = 32;

    private Forwarded() {}

    /**
     * The caller's address.
     *
     * @param peer who is connected; trusted, or this is not asked
     * @param forwardedFor the values of all {@code X-Forwarded-For} headers in order
     * @param forwarded the values of all {@code Forwarded} headers in order
     */
    public static String client(String peer, List<String> forwardedFor, List<String> forwarded, List<Cidr> trusted) {
        List<String> hops = forwardedFor.isEmpty() ? fromForwarded(forwarded) : fromList(forwardedFor);
        String client = peer;
        for (int i = hops.size() - 1; i >= Math.max(0, hops.size() - MOST); i--) {
            byte[] address = Addresses.parse(hops.get(i));
            if (address == null) {
                return client; // unknown, _hidden or nonsense: the last one we know is as far as we can tell
            }
            client = Addresses.text(address);
            if (!Cidr.anyContains(trusted, address)) {
                return client;
            }
        }
        return client;
    }

    /** The scheme that the proxy was called with, or null. */
    public static @Nullable String scheme(@Nullable String forwardedProto) {
        if (forwardedProto == null) {
            return null;
        }
        int comma = forwardedProto.lastIndexOf(',');
        String last = forwardedProto.substring(comma + 1).strip().toLowerCase(Locale.ROOT);
        return last.equals("https") || last.equals("http") ? last : null;
    }

    private static List<String> fromList(List<String> values) {
        List<String> hops = new ArrayList<>();
        for (String value : values) {
            for (String part : value.split(",", -1)) {
                hops.add(bare(part.strip()));
            }
        }
        return hops;
    }

    private static List<String> fromForwarded(List<String> values) {
        List<String> hops = new ArrayList<>();
        for (String value : values) {
            for (String element : value.split(",", -1)) {
                hops.add(forParameter(element));
            }
        }
        return hops;
    }

    private static String forParameter(String element) {
        for (String pair : element.split(";", -1)) {
            String stripped = pair.strip();
            if (stripped.regionMatches(true, 0, "for=", 0, 4)) {
                String value = stripped.substring(4).strip();
                boolean quoted = value.length() > 1 && value.startsWith("\"") && value.endsWith("\"");
                return bare(quoted ? value.substring(1, value.length() - 1) : value);
            }
        }
        return "";
    }

    /** Without a port and without the brackets of IPv6. */
    private static String bare(String hop) {
        if (hop.startsWith("[")) {
            int end = hop.indexOf(']');
            return end < 0 ? "" : hop.substring(1, end);
        }
        int colon = hop.indexOf(':');
        return colon >= 0 && hop.indexOf(':', colon + 1) < 0 ? hop.substring(0, colon) : hop;
    }
}
