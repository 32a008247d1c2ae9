package dev.penstock.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.testkit.Await;
import dev.penstock.testkit.TestCertificate;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.PemTrustOptions;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TLS on a real socket, with pairs that the JDK's own tool makes. */
class TlsTest {
    @TempDir
    Path folder;

    private GatewayFixture gateway;
    private int plain;

    @BeforeEach
    void start() throws Exception {
        use(TestCertificate.make(folder, "first"));
        try (ServerSocket free = new ServerSocket(0)) {
            plain = free.getLocalPort();
        }
        Path data = Files.createDirectory(folder.resolve("data"));
        gateway = GatewayFixture.serving(
                data,
                """
                tls:
                  certificate: %s
                  key: %s
                  reload: 100ms
                  redirect-port: %d
                """.formatted(folder.resolve("cert.pem"), folder.resolve("key.pem"), plain)
                        .indent(2),
                "",
                "");
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    /** Another pair in the same two files. */
    private void use(TestCertificate made) throws IOException {
        Files.copy(made.key(), folder.resolve("key.pem"), StandardCopyOption.REPLACE_EXISTING);
        Files.copy(made.certificate(), folder.resolve("cert.pem"), StandardCopyOption.REPLACE_EXISTING);
    }

    @Test
    void speaksHttp2OverTlsAndSaysSo() throws IOException {
        HttpClient client = client();
        HttpClientResponse response = get(client);
        assertThat(response.version()).isEqualTo(HttpVersion.HTTP_2);
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.getHeader("strict-transport-security")).startsWith("max-age=");
        Await.result(client.close());
    }

    @Test
    void refusesOldProtocolsAndWeakCiphers() throws Exception {
        assertThat(handshake("TLSv1.2").getCipherSuite()).contains("ECDHE").contains("GCM");
        assertThat(handshake("TLSv1.3").getProtocol()).isEqualTo("TLSv1.3");
        assertThatThrownBy(() -> handshake("TLSv1.1"))
                .isInstanceOfAny(SSLException.class, IllegalArgumentException.class);
    }

    @Test
    void anotherPairIsServedToNewConnectionsAndOpenOnesGoOn() throws Exception {
        HttpClient client = client();
        assertThat(get(client).statusCode()).isEqualTo(200);
        TestCertificate second = TestCertificate.make(folder, "second");
        assertThat(get(client).statusCode()).isEqualTo(200);
        use(second);
        Await.until("the new pair is served", () -> {
            get(client); // an open connection that rests too long ends
            try {
                var shown = (X509Certificate) handshake("TLSv1.3").getPeerCertificates()[0];
                return shown.getSubjectX500Principal().getName().equals("CN=second");
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
        assertThat(get(client).statusCode()).isEqualTo(200);
        Files.writeString(folder.resolve("cert.pem"), "nonsense");
        assertThat(handshake("TLSv1.3").getProtocol()).isEqualTo("TLSv1.3");
        Await.result(client.close());
    }

    @Test
    void httpIsSentToHttpsAndKeepsItsMethod() throws IOException {
        try (Wire wire = new Wire(plain)) {
            wire.send("POST /v1/embeddings?a=b HTTP/1.1\r\nHost: api.example.com:80\r\nContent-Length: 0\r\n\r\n");
            assertThat(wire.rest())
                    .startsWith("HTTP/1.1 308")
                    .contains("location: https://api.example.com:" + gateway.port() + "/v1/embeddings?a=b\r\n")
                    .contains("x-content-type-options: nosniff");
        }
    }

    private HttpClient client() throws IOException {
        return gateway.backendVertx.createHttpClient(new HttpClientOptions()
                .setSsl(true)
                .setUseAlpn(true)
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setTrustOptions(new PemTrustOptions()
                        .addCertValue(Buffer.buffer(Files.readAllBytes(folder.resolve("cert.pem"))))));
    }

    private HttpClientResponse get(HttpClient client) {
        return Await.result(client.request(HttpMethod.GET, gateway.port(), "localhost", "/health/simple")
                .compose(request -> request.send())
                .compose(response -> response.body().map(response)));
    }

    private javax.net.ssl.SSLSession handshake(String protocol) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new Trusting()}, null);
        try (Socket raw = context.getSocketFactory().createSocket("127.0.0.1", gateway.port())) {
            SSLSocket socket = (SSLSocket) raw;
            socket.setEnabledProtocols(new String[] {protocol});
            socket.startHandshake();
            return socket.getSession();
        }
    }

    private static final class Trusting implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
