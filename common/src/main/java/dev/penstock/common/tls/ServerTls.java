package dev.penstock.common.tls;

import dev.penstock.common.config.ClusterTlsConfig;
import dev.penstock.common.config.TlsConfig;
import dev.penstock.common.config.TlsConfig.ClientCertificates;
import dev.penstock.common.lifecycle.StartException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.EventBusOptions;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.ServerSSLOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * TLS 1.2 and 1.3 with authenticated ciphers and forward secrecy alone, from PEM files that may change while the server
 * runs. Files are read whole, so that a server never has half of an old pair and half of a new one for longer than one
 * look.
 */
public final class ServerTls {
    private static final Logger log = LoggerFactory.getLogger(ServerTls.class);
    private static final Set<String> PROTOCOLS = Set.of("TLSv1.3", "TLSv1.2");
    private static final List<String> CIPHERS = List.of(
            "TLS_AES_256_GCM_SHA384",
            "TLS_AES_128_GCM_SHA256",
            "TLS_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

    private ServerTls() {}

    /**
     * What the files say now. Blocks.
     *
     * @throws StartException naming the setting whose file cannot be read
     */
    public static ServerSSLOptions read(TlsConfig config) {
        ServerSSLOptions options = new ServerSSLOptions();
        options.setUseAlpn(true);
        options.setEnabledSecureTransportProtocols(PROTOCOLS);
        CIPHERS.forEach(options::addEnabledCipherSuite);
        options.setKeyCertOptions(new PemKeyCertOptions()
                .addCertValue(file("server.tls.certificate", config.certificate()))
                .addKeyValue(file("server.tls.key", config.key())));
        if (config.clientCertificates() != ClientCertificates.NONE) {
            options.setTrustOptions(new PemTrustOptions()
                    .addCertValue(file("server.tls.client-authorities", config.clientAuthorities())));
            options.setClientAuth(
                    config.clientCertificates() == ClientCertificates.REQUIRE
                            ? ClientAuth.REQUIRED
                            : ClientAuth.REQUEST);
        }
        return options;
    }

    /** Puts what was read on a server that does not listen yet. */
    public static void apply(HttpServerOptions server, ServerSSLOptions tls) {
        server.setSsl(true).setUseAlpn(true).setKeyCertOptions(tls.getKeyCertOptions());
        server.setEnabledSecureTransportProtocols(tls.getEnabledSecureTransportProtocols());
        tls.getEnabledCipherSuites().forEach(server::addEnabledCipherSuite);
        if (tls.getTrustOptions() != null) {
            server.setTrustOptions(tls.getTrustOptions()).setClientAuth(tls.getClientAuth());
        }
    }

    /**
     * Looks at the files now and then and serves what changed to new connections. What cannot be read or used is logged,
     * and the old pair stays.
     *
     * @return the timer, to be cancelled when the server ends
     */
    public static long watch(Vertx vertx, TlsConfig config, ServerSSLOptions served, HttpServer server) {
        AtomicReference<ServerSSLOptions> last = new AtomicReference<>(served);
        return vertx.setPeriodic(
                config.reload().toMillis(),
                id -> vertx.executeBlocking(() -> read(config), false)
                        .compose(now -> {
                            if (same(now, last.get())) {
                                return Future.succeededFuture(false);
                            }
                            last.set(now); // also where it cannot be used: it is tried again only once it changes
                            return server.updateSSLOptions(now);
                        })
                        .onSuccess(changed -> {
                            if (changed) {
                                log.info("a new certificate is served from {}", config.certificate());
                            }
                        })
                        .onFailure(cause -> log.error(
                                "the new certificate or key is not used, the old pair stays: {}", cause.toString())));
    }

    /** Mutual TLS on the event bus. Blocks. */
    public static void apply(EventBusOptions bus, ClusterTlsConfig config) {
        bus.setSsl(true)
                .setKeyCertOptions(new PemKeyCertOptions()
                        .addCertValue(file("cluster.tls.certificate", config.certificate()))
                        .addKeyValue(file("cluster.tls.key", config.key())))
                .setTrustOptions(new PemTrustOptions().addCertValue(file("cluster.tls.authority", config.authority())))
                .setClientAuth(ClientAuth.REQUIRED);
        bus.setEnabledSecureTransportProtocols(PROTOCOLS);
    }

    private static boolean same(ServerSSLOptions a, ServerSSLOptions b) {
        return pem(a).getCertValues().equals(pem(b).getCertValues())
                && pem(a).getKeyValues().equals(pem(b).getKeyValues())
                && authorities(a).equals(authorities(b));
    }

    private static PemKeyCertOptions pem(ServerSSLOptions options) {
        return (PemKeyCertOptions) options.getKeyCertOptions();
    }

    private static List<Buffer> authorities(ServerSSLOptions options) {
        return options.getTrustOptions() instanceof PemTrustOptions pem ? pem.getCertValues() : List.of();
    }

    private static Buffer file(String setting, String path) {
        try {
            return Buffer.buffer(Files.readAllBytes(Path.of(path)));
        } catch (IOException e) {
            throw new StartException("The file " + path + " (" + setting + ") cannot be read: " + e.getMessage(), e);
        }
    }
}
