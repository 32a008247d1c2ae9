package dev.penstock.gateway.guard;

import io.vertx.core.internal.http.HttpServerRequestInternal;
import io.vertx.core.internal.http.HttpServerRequestWrapper;
import io.vertx.core.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** A request as its first proxy got it. */
final class ProxiedRequest extends HttpServerRequestWrapper {
    private final SocketAddress client;
    private final @Nullable String scheme;

    ProxiedRequest(HttpServerRequestInternal request, String client, int port, @Nullable String scheme) {
        super(request);
        this.client = SocketAddress.inetSocketAddress(port, client);
        this.scheme = scheme;
    }

    @Override
    public SocketAddress remoteAddress() {
        return client;
    }

    @Override
    public String scheme() {
        return scheme == null ? super.scheme() : scheme;
    }

    @Override
    public boolean isSSL() {
        return scheme == null ? super.isSSL() : scheme.equals("https");
    }
}
