package dev.penstock.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.common.cluster.ClusterNode;
import dev.penstock.common.config.ClusterConfig;
import dev.penstock.common.config.ClusterTlsConfig;
import dev.penstock.testkit.Await;
import dev.penstock.testkit.TestCertificate;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.PemKeyCertOptions;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Members of one cluster whose bus speaks TLS, in one JVM but over real sockets. */
class ClusterTlsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final int clusterPort = free();
    private final List<ClusterNode> nodes = new ArrayList<>();

    @AfterEach
    void stop() {
        nodes.reversed().forEach(node -> Await.result(node.vertx().close(), PATIENCE));
    }

    @Test
    void membersWithTheAuthoritysCertificateTalkAndOthersAreRefused(@TempDir Path folder) {
        TestCertificate ours = TestCertificate.make(folder, "ours");
        TestCertificate foreign = TestCertificate.make(folder, "foreign");
        int busPort = free();
        Vertx first = join(busPort, ours);
        first.eventBus().<String>consumer("ask", message -> message.reply("told " + message.body()));
        Vertx second = join(free(), ours);
        assertThat(ask(second)).isEqualTo("told x");

        Vertx third = join(free(), foreign);
        assertThat(ask(third))
                .as("a member whose certificate is of another authority")
                .isNull();
        assertThat(ask(second)).isEqualTo("told x");

        assertThat(stays(second, busPort, null, false)).as("in clear").isFalse();
        assertThat(stays(second, busPort, null, true))
                .as("TLS without a certificate")
                .isFalse();
        assertThat(stays(second, busPort, foreign, true))
                .as("TLS with another's")
                .isFalse();
        assertThat(stays(second, busPort, ours, true)).as("TLS with ours").isTrue();
    }

    private Vertx join(int busPort, TestCertificate pair) {
        var tls = new ClusterTlsConfig(
                pair.certificate().toString(),
                pair.key().toString(),
                pair.certificate().toString());
        var config = new ClusterConfig(
                "127.0.0.1", clusterPort, busPort, List.of("127.0.0.1:" + clusterPort), "tls-" + clusterPort, tls);
        if (!nodes.isEmpty()) {
            config = new ClusterConfig(
                    "127.0.0.1", free(), busPort, List.of("127.0.0.1:" + clusterPort), "tls-" + clusterPort, tls);
        }
        ClusterNode node = Await.result(ClusterNode.join(config, Vertx::builder, new VertxOptions()), PATIENCE);
        nodes.add(node);
        return node.vertx();
    }

    private static @Nullable String ask(Vertx vertx) {
        return Await.result(
                vertx.eventBus()
                        .<String>request("ask", "x", new DeliveryOptions().setSendTimeout(5_000))
                        .map(reply -> reply.body())
                        .otherwise((String) null),
                PATIENCE);
    }

    /** Whether the bus keeps a connection that says nothing wrong for a second. */
    private static boolean stays(Vertx vertx, int port, @Nullable TestCertificate pair, boolean tls) {
        NetClientOptions options = new NetClientOptions();
        if (tls) {
            options.setSsl(true).setTrustAll(true).setHostnameVerificationAlgorithm("");
            if (pair != null) {
                options.setKeyCertOptions(new PemKeyCertOptions()
                        .addCertPath(pair.certificate().toString())
                        .addKeyPath(pair.key().toString()));
            }
        }
        NetClient client = vertx.createNetClient(options);
        AtomicBoolean closed = new AtomicBoolean();
        try {
            return Await.result(
                    client.connect(port, "127.0.0.1")
                            .compose(socket -> {
                                socket.closeHandler(gone -> closed.set(true));
                                socket.exceptionHandler(broken -> closed.set(true));
                                // A client learns only after its side of the handshake that it is not wanted.
                                socket.write("hello, no bus at all");
                                return vertx.timer(1_000).map(passed -> !closed.get());
                            })
                            .otherwise(false),
                    PATIENCE);
        } finally {
            Await.result(client.close());
        }
    }

    private static int free() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
