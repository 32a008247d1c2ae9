package dev.penstock.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.testkit.Await;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One address holds all the connections it can get and never finishes a head; another calls as if nothing were. */
class FloodTest {
    private static final int CALLS = 300;
    /** Below this a p95 says more about the machine than about the gateway. */
    private static final long NOISE_NANOS = 20_000_000;

    @Test
    void slowHeadsOfOneAddressAreCappedAndEndedAndAnotherIsServedAsBefore(@TempDir Path folder) throws IOException {
        String more = "protection: {exempt: [], connections: {per-address: 50, head: 6s}}\n";
        try (GatewayFixture gateway = GatewayFixture.serving(folder, "", more, "");
                Socket other = connect(gateway, "127.0.0.3")) {
            p95(other);
            long idle = p95(other);
            List<Socket> slow = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                Socket socket = connect(gateway, "127.0.0.2");
                slow.add(socket);
                trySend(socket, "GET /v1/mod");
            }
            Await.until(
                    "those above the cap are refused",
                    () -> gateway.harness
                            .telemetry()
                            .scrape()
                            .lines()
                            .anyMatch(line -> line.startsWith("penstock_guard_refusals_total")
                                    && line.contains("connections_per_address")
                                    && Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)) >= 100));
            assertThat(p95(other)).isLessThanOrEqualTo(Math.max(2 * idle, NOISE_NANOS));
            slow.forEach(socket -> trySend(socket, "x"));
            Await.until(
                    "slow heads are ended",
                    () -> gateway.harness.telemetry().scrape().contains("penstock_http_connections 1.0"));
            assertThat(p95(other)).isPositive();
            for (Socket socket : slow) {
                socket.close();
            }
        }
    }

    private static Socket connect(GatewayFixture gateway, String from) throws IOException {
        Socket socket = new Socket();
        socket.bind(new InetSocketAddress(InetAddress.ofLiteral(from), 0));
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), gateway.port()));
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(10_000);
        return socket;
    }

    private static boolean trySend(Socket socket, String text) {
        try {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static long p95(Socket socket) throws IOException {
        byte[] request = "GET /health/simple HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        long[] nanos = new long[CALLS];
        byte[] buffer = new byte[8192];
        for (int i = 0; i < CALLS; i++) {
            long start = System.nanoTime();
            socket.getOutputStream().write(request);
            int read = socket.getInputStream().read(buffer);
            nanos[i] = System.nanoTime() - start;
            assertThat(new String(buffer, 0, Math.max(0, read), StandardCharsets.US_ASCII))
                    .startsWith("HTTP/1.1 200");
        }
        Arrays.sort(nanos);
        return nanos[CALLS * 95 / 100];
    }
}
