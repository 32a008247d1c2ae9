package dev.penstock.gateway.auth;

import io.vertx.core.MultiMap;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The subprotocols that a socket offers. A browser cannot set headers on a socket, so it offers {@code penstock.v1} and,
 * beside it, {@code bearer.<key>}.
 */
public final class Subprotocols {
    /** What we speak. */
    public static final String PENSTOCK = "penstock.v1";

    private static final String HEADER = "sec-websocket-protocol";
    private static final String BEARER = "bearer.";

    private Subprotocols() {}

    /** The key among those offered, or null. */
    static @Nullable String key(MultiMap headers) {
        for (String name : offered(headers)) {
            if (name.startsWith(BEARER)) {
                return name.substring(BEARER.length());
            }
        }
        return null;
    }

    /**
     * Leaves in the request only what the server shall answer: {@code penstock.v1} where it is offered, so that the key is
     * not sent back, a lone {@code bearer.<key>}, since browsers refuse a socket whose only offer is ignored, else nothing.
     * The server must be set to take any subprotocol.
     */
    public static void settle(MultiMap headers) {
        List<String> offered = offered(headers);
        if (offered.contains(PENSTOCK)) {
            headers.set(HEADER, PENSTOCK);
        } else if (offered.size() != 1 || !offered.getFirst().startsWith(BEARER)) {
            headers.remove(HEADER);
        }
    }

    private static List<String> offered(MultiMap headers) {
        List<String> names = new ArrayList<>();
        for (String line : headers.getAll(HEADER)) {
            for (String name : line.split(",", -1)) {
                if (!name.isBlank()) {
                    names.add(name.strip());
                }
            }
        }
        return names;
    }
}
