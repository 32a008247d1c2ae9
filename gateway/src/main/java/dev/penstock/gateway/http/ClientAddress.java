package dev.penstock.gateway.http;

import io.vertx.core.http.HttpServerRequest;

/** Where a request comes from: the one place that decides it, for limits, blocks, logs and audit alike. */
public final class ClientAddress {
    private static final String UNKNOWN = "unknown";

    private ClientAddress() {}

    /** The address in text form, {@code unknown} where the connection has none any more. */
    public static String of(HttpServerRequest request) {
        var remote = request.remoteAddress();
        String address = remote == null ? null : remote.hostAddress();
        return address == null ? UNKNOWN : address;
    }
}
