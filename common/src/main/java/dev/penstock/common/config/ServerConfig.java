package dev.penstock.common.config;

import dev.penstock.common.unit.DataSize;
import java.time.Duration;
import java.util.List;

/** The public HTTP server and the private management port. */
public record ServerConfig(
        @Setting(doc = "Address to listen on.", value = "127.0.0.1")
        String host,

        @Setting(doc = "Port to listen on; 0 takes a free one.", value = "8080", min = 0, max = 65535)
        int port,

        @Setting(doc = "Largest request body.", value = "20MiB", min = 1024)
        DataSize maxBody,

        @Setting(doc = "Time that a request has when it names none.", value = "10m", min = 1)
        Duration timeout,

        @Setting(
                doc = "Time for a client to send its request head and for idle connections.",
                value = "75s",
                min = 1000)
        Duration idleTimeout,

        @Setting(doc = "Time that a stop waits for requests in flight.", value = "25s", min = 0)
        Duration drain,

        @Setting(doc = "Origins that browsers may use cookies and sockets from, beside the server's own.")
        List<String> allowedOrigins,

        @Setting(doc = "Address of the management port (/metrics, /health).", value = "127.0.0.1")
        String managementHost,

        @Setting(
                doc = "Management port; if it is taken, the next free one is used and printed.",
                value = "9464",
                min = 0,
                max = 65535)
        int managementPort,

        @Setting(
                doc =
                        "Networks (CIDR) of the proxies in front. Only what they say in X-Forwarded-For, X-Forwarded-Proto or"
                                + " Forwarded counts; from anybody else these headers are ignored.")
        List<String> trustedProxies,

        @Setting(
                doc =
                        "Expect the PROXY protocol (v1 or v2) at the start of each connection. Connections of peers that are"
                                + " not in trusted-proxies are closed, since anybody could claim any address.",
                value = "false")
        boolean proxyProtocol,

        @Setting(doc = "Also speak HTTP/2 without TLS.", value = "false")
        boolean h2c,

        @Setting(doc = "Pages of other origins that may call from a browser.")
        CorsConfig cors,

        @Setting(doc = "TLS of the public port. Off while no certificate is named.")
        TlsConfig tls) {
    public ServerConfig {
        allowedOrigins = List.copyOf(allowedOrigins);
        trustedProxies = List.copyOf(trustedProxies);
    }
}
