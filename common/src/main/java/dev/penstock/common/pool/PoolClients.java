package dev.penstock.common.pool;

import dev.penstock.common.config.PoolConfig;
import dev.penstock.common.config.PoolConnectionsConfig;
import dev.penstock.common.config.UpstreamTlsConfig;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The HTTP clients of a pool. */
final class PoolClients {
    private static final Logger log = LoggerFactory.getLogger(PoolClients.class);
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
                .withConnectHandler(PoolClients::quiet)
                .build();
    }

    /** For checks: each over a new connection, so that it does not wait behind calls and proves that one can be made. */
    static HttpClient checks(Vertx vertx, PoolConfig config) {
        return vertx.httpClientBuilder()
                .with(options(config).setKeepAlive(false))
                .with(new PoolOptions().setHttp1MaxSize(2).setMaxWaitQueueSize(2))
                .withConnectHandler(PoolClients::quiet)
                .build();
    }

    /** What breaks a connection fails the call on it, which tells of it; Vert.x would log it as an error once more. */
    private static void quiet(HttpConnection connection) {
        connection.exceptionHandler(cause -> log.debug("a connection broke", cause));
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
