package dev.penstock.gateway.route;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Keeps what callers show to Penstock from the servers behind it. */
final class Credentials {
    private static final String KEY_PREFIX = "psk-";
    private static final String API_KEY = "x-api-key";
    private static final String SESSION = "penstock_session";
    private static final String SUBPROTOCOLS = "sec-websocket-protocol";
    private static final String OWN_PROTOCOL = "penstock.v1";
    private static final String KEY_PROTOCOL = "bearer.";

    private Credentials() {}

    /** @param open whether the route asks for no key: then only what is plainly Penstock's is taken away */
    static void strip(MultiMap headers, boolean open) {
        if (!open || ours(headers.get(HttpHeaders.AUTHORIZATION))) {
            headers.remove(HttpHeaders.AUTHORIZATION);
        }
        if (!open || ours(headers.get(API_KEY))) {
            headers.remove(API_KEY);
        }
        cookies(headers);
    }

    private static boolean ours(@Nullable String value) {
        if (value == null) {
            return false;
        }
        String bare = value.toLowerCase(Locale.ROOT);
        return bare.startsWith("bearer ")
                ? bare.substring("bearer ".length()).strip().startsWith(KEY_PREFIX)
                : bare.startsWith(KEY_PREFIX);
    }

    private static void cookies(MultiMap headers) {
        List<String> lines = headers.getAll(HttpHeaders.COOKIE);
        if (lines.stream().noneMatch(line -> line.contains(SESSION))) {
            return;
        }
        List<String> kept = new ArrayList<>();
        for (String line : lines) {
            for (String pair : line.split(";", -1)) {
                int equals = pair.indexOf('=');
                String name = (equals < 0 ? pair : pair.substring(0, equals)).strip();
                if (!name.isEmpty() && !name.equals(SESSION)) {
                    kept.add(pair.strip());
                }
            }
        }
        headers.remove(HttpHeaders.COOKIE);
        if (!kept.isEmpty()) {
            headers.set(HttpHeaders.COOKIE, String.join("; ", kept));
        }
    }

    /** Takes the key out of the subprotocols that a browser offers. */
    static void stripProtocols(MultiMap headers) {
        List<String> offered = protocols(headers);
        List<String> kept = offered.stream()
                .filter(name -> !name.equals(OWN_PROTOCOL) && !name.startsWith(KEY_PROTOCOL))
                .toList();
        headers.remove(SUBPROTOCOLS);
        if (!kept.isEmpty()) {
            headers.set(SUBPROTOCOLS, String.join(", ", kept));
        }
    }

    /**
     * The subprotocol that the caller is told where the server chose none: a browser that offered some ends a socket that
     * takes none of them. Null where nothing of ours was offered.
     */
    static @Nullable String echo(MultiMap headers) {
        List<String> offered = protocols(headers);
        if (offered.contains(OWN_PROTOCOL)) {
            return OWN_PROTOCOL;
        }
        return offered.size() == 1 && offered.getFirst().startsWith(KEY_PROTOCOL) ? offered.getFirst() : null;
    }

    private static List<String> protocols(MultiMap headers) {
        List<String> names = new ArrayList<>();
        for (String line : headers.getAll(SUBPROTOCOLS)) {
            for (String name : line.split(",", -1)) {
                if (!name.isBlank()) {
                    names.add(name.strip());
                }
            }
        }
        return names;
    }
}
