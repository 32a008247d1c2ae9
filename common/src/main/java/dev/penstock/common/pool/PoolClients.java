package dev.penstock.common.pool;

import dev.penstock.common.config.PoolConfig;
import dev.penstock.common.config.PoolConnectionsConfig;
import dev.penstock.common.config.UpstreamTlsConfig;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;

/** The HTTP clients of a pool. */
final class PoolClients {
    private static final int MAX_HEAD = 64 * 1024;

    private PoolClients() {}

    /** For calls. */
    static HttpClient calls(Vertx vertx, PoolConfig config) {
        PoolConnectionsConfig connections = config.connections();
        return vertx.httpClientBuilder()
                .with(options(config).setKeepAliveTimeout((int)
                        Math.max(1, connections.keepAlive().toSeconds())))
                .with(new PoolOptions()
                        .setHttp1MaxSize(connections.max())
                        // The pool lets no more calls out. Those whose connection is being made wait here as well.
                        .setMaxWaitQueueSize(connections.max() + connections.maxWaiting()))
                .build();
    }

    /** For checks: each over a new connection, so that it does not wait behind calls and proves that one can be made. */
    static HttpClient checks(Vertx vertx, PoolConfig config) {
        return vertx.httpClientBuilder()
                .with(options(config).setKeepAlive(false))
                .with(new PoolOptions().setHttp1MaxSize(2).setMaxWaitQueueSize(2))
                .build();
    }

    private static HttpClientOptions options(PoolConfig config) {
        UpstreamTlsConfig tls = config.tls();
        HttpClientOptions options = new HttpClientOptions()
                .setTcpNoDelay(true)
                .setConnectTimeout((int) config.connections().connectTimeout().toMillis())
                .setMaxHeaderSize(MAX_HEAD)
                .setTrustAll(!tls.verify())
                .setVerifyHost(tls.verify())
                .setForceSni(!tls.serverName().isEmpty());
        if (!tls.caFile().isEmpty()) {
            options.setTrustOptions(new PemTrustOptions().addCertPath(tls.caFile()));
        }
        if (!tls.certFile().isEmpty()) {
            options.setKeyCertOptions(
                    new PemKeyCertOptions().addCertPath(tls.certFile()).addKeyPath(tls.keyFile()));
        }
        return options;
    }
}
