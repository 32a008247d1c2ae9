package dev.penstock.gateway.http;

import dev.penstock.common.net.Addresses;
import io.vertx.core.http.HttpServerRequest;

/**
 * Where a request comes from: the one place that says it, for limits, blocks, logs and audit alike. Behind trusted proxies
 * the guard's door has already put the caller's address in the proxy's place.
 */
public final class ClientAddress {
    private static final String UNKNOWN = "unknown";

    private ClientAddress() {}

    /** The address in text form, {@code unknown} where the connection has none any more. */
    public static String of(HttpServerRequest request) {
        var remote = request.remoteAddress();
        String address = remote == null ? null : remote.hostAddress();
        return address == null ? UNKNOWN : address;
    }

    /** What the address counts as for limits and blocks: IPv6 by /64. */
    public static String group(HttpServerRequest request) {
        return Addresses.group(of(request));
    }
}
