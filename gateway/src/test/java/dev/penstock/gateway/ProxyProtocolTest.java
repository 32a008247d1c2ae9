package dev.penstock.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A balancer at 127.0.0.1 that says for whom it connects, and somebody at 127.0.0.9 who is none. */
class ProxyProtocolTest {
    private static final byte[] V2 = {0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a};
    private static final String REQUEST = "GET /health/simple HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

    private static GatewayFixture gateway;

    @BeforeAll
    static void start(@TempDir Path folder) {
        gateway = GatewayFixture.serving(
                folder,
                "  trusted-proxies: [127.0.0.1/32]\n  proxy-protocol: true\n",
                "protection: {exempt: [], deny: [198.51.100.0/24]}\n",
                "");
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    @Test
    void version1NamesTheCaller() throws IOException {
        assertThat(answer("127.0.0.1", ascii("PROXY TCP4 203.0.113.7 127.0.0.1 5000 80\r\n")))
                .startsWith("HTTP/1.1 200");
        assertThat(answer("127.0.0.1", ascii("PROXY TCP4 198.51.100.7 127.0.0.1 5000 80\r\n")))
                .as("a denied network")
                .startsWith("HTTP/1.1 403");
        assertThat(answer("127.0.0.1", ascii("PROXY TCP6 2001:db8::1 ::1 5000 80\r\n")))
                .startsWith("HTTP/1.1 200");
    }

    @Test
    void version2NamesTheCaller() throws IOException {
        assertThat(answer("127.0.0.1", version2(203, 0, 113, 8))).startsWith("HTTP/1.1 200");
        assertThat(answer("127.0.0.1", version2(198, 51, 100, 8))).startsWith("HTTP/1.1 403");
    }

    @Test
    void whoIsNoTrustedProxyIsNotHeard() throws IOException {
        assertThat(answer("127.0.0.9", ascii("PROXY TCP4 203.0.113.7 127.0.0.1 5000 80\r\n")))
                .isEmpty();
        assertThat(answer("127.0.0.9", version2(203, 0, 113, 8))).isEmpty();
        assertThat(gateway.harness.telemetry().scrape())
                .contains("penstock_guard_refusals_total{reason=\"untrusted_proxy\"");
    }

    @Test
    void withoutTheProtocolThereIsNoAnswer() throws IOException {
        assertThat(answer("127.0.0.1", new byte[0])).doesNotContain("200 OK");
    }

    private static byte[] version2(int a, int b, int c, int d) throws IOException {
        var out = new ByteArrayOutputStream();
        out.write(V2);
        out.write(new byte[] {0x21, 0x11, 0, 12, (byte) a, (byte) b, (byte) c, (byte) d, 127, 0, 0, 1, 0x13, 0x33, 0, 80
        });
        return out.toByteArray();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static String answer(String from, byte[] introduction) throws IOException {
        try (Socket socket = new Socket()) {
            socket.bind(new InetSocketAddress(InetAddress.ofLiteral(from), 0));
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), gateway.port()));
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(introduction);
            socket.getOutputStream().write(ascii(REQUEST));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (SocketException e) {
            return ""; // the other side closed while we wrote
        }
    }
}
