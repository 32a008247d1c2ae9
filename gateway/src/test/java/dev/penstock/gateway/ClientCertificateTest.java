package dev.penstock.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.testkit.Await;
import dev.penstock.testkit.TestCertificate;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A public port that asks callers for a certificate. */
class ClientCertificateTest {
    @Test
    void onlyWhoShowsACertificateOfTheAuthorityIsServed(@TempDir Path folder) {
        TestCertificate server = TestCertificate.make(folder, "server");
        TestCertificate known = TestCertificate.make(folder, "known");
        TestCertificate foreign = TestCertificate.make(folder, "foreign");
        String tls = """
                tls:
                  certificate: %s
                  key: %s
                  client-certificates: require
                  client-authorities: %s
                """.formatted(server.certificate(), server.key(), known.certificate())
                .indent(2);
        try (GatewayFixture gateway = GatewayFixture.serving(folder, tls, "", "")) {
            assertThat(status(gateway, server, known)).isEqualTo(200);
            assertThat(status(gateway, server, foreign)).isNegative();
            assertThat(status(gateway, server, null)).isNegative();
        }
    }

    /** Negative where the handshake failed. */
    private static int status(GatewayFixture gateway, TestCertificate server, @Nullable TestCertificate own) {
        HttpClientOptions options = new HttpClientOptions()
                .setSsl(true)
                .setTrustOptions(
                        new PemTrustOptions().addCertPath(server.certificate().toString()));
        if (own != null) {
            options.setKeyCertOptions(new PemKeyCertOptions()
                    .addCertPath(own.certificate().toString())
                    .addKeyPath(own.key().toString()));
        }
        HttpClient client = gateway.backendVertx.createHttpClient(options);
        try {
            return Await.result(client.request(HttpMethod.GET, gateway.port(), "localhost", "/health/simple")
                    .compose(request -> request.send())
                    .map(response -> response.statusCode())
                    .otherwise(-1));
        } finally {
            Await.result(client.close());
        }
    }
}
