package dev.penstock.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.testkit.Await;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * One address holds all the connections it can get, never finishes a head and sends requests as fast as it can; another
 * calls as if nothing were. Attacker, gateway and caller share one machine and one JVM.
 */
class FloodTest {
    private static final String ATTACKER = "127.0.0.2";
    private static final String CALLER = "127.0.0.3";
    private static final int CALLS = 300;
    private static final int FLOODING = 4;
    /** Below this a p95 says more about two cores that the attacker shares than about the gateway. */
    private static final long NOISE_NANOS = 50_000_000;

    @Test
    void slowHeadsOfOneAddressAreCappedAndEndedAndAnotherIsServedAsBefore(@TempDir Path folder) throws IOException {
        String more = "protection: {exempt: [], connections: {per-address: 50, head: 1s}}\n";
        try (GatewayFixture gateway = GatewayFixture.serving(folder, "  h2c: false\n", more, "")) {
            p95(gateway);
            long idle = p95(gateway);
            List<Socket> slow = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                Socket socket = connect(gateway, ATTACKER);
                slow.add(socket);
                trySend(socket, "GET /v1/mod");
            }
            Await.until(
                    "those above the cap are refused",
                    () -> metric(gateway, "penstock_guard_refusals_total", "connections_per_address") >= 100);
            assertServed(gateway, idle);
            slow.forEach(socket -> trySend(socket, "x"));
            Await.until("slow heads are ended", () -> metric(gateway, "penstock_http_connections", "") == 0);
            for (Socket socket : slow) {
                socket.close();
            }
        }
    }

    @Test
    void anAddressThatSendsRequestsWithoutEndIsBlockedAndAnotherIsServedAsBefore(@TempDir Path folder)
            throws IOException {
        String more = "protection: {exempt: [], connections: {per-address: 50}}\n";
        try (GatewayFixture gateway = GatewayFixture.serving(folder, "  h2c: false\n", more, "")) {
            p95(gateway);
            long idle = p95(gateway);
            AtomicBoolean stop = new AtomicBoolean();
            AtomicLong sent = new AtomicLong();
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < FLOODING; i++) {
                threads.add(Thread.ofVirtual().start(() -> {
                    while (!stop.get()) {
                        flood(gateway);
                        sent.incrementAndGet();
                    }
                }));
            }
            Await.until("it is blocked", () -> metric(gateway, "penstock_guard_refusals_total", "\"blocked\"") >= 100);
            long before = sent.get();
            assertServed(gateway, idle);
            assertThat(sent.get()).as("it went on all the time").isGreaterThan(before);
            stop.set(true);
            for (Thread thread : threads) {
                Await.until("the attacker ends", Duration.ofSeconds(20), () -> !thread.isAlive());
            }
        }
    }

    private static void assertServed(GatewayFixture gateway, long idle) throws IOException {
        long now = p95(gateway);
        System.out.printf("p95 of the other caller: %.2f ms idle, %.2f ms under attack%n", idle / 1e6, now / 1e6);
        assertThat(now).isLessThanOrEqualTo(Math.max(2 * idle, NOISE_NANOS));
    }

    private static void flood(GatewayFixture gateway) {
        try (Socket socket = connect(gateway, ATTACKER)) {
            trySend(socket, "GET /v1/models HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer psk-wrong\r\n\r\n");
            socket.getInputStream().read();
        } catch (IOException e) {
            // Refused or closed: that is what we are after.
        }
    }

    private static double metric(GatewayFixture gateway, String name, String label) {
        return gateway.harness
                .telemetry()
                .scrape()
                .lines()
                .filter(line -> line.startsWith(name) && line.contains(label))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    private static Socket connect(GatewayFixture gateway, String from) throws IOException {
        Socket socket = new Socket();
        socket.bind(new InetSocketAddress(InetAddress.ofLiteral(from), 0));
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), gateway.port()));
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(10_000);
        return socket;
    }

    private static void trySend(Socket socket, String text) {
        try {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            // The gateway has closed it.
        }
    }

    private static long p95(GatewayFixture gateway) throws IOException {
        byte[] request = "GET /health/simple HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        long[] nanos = new long[CALLS];
        byte[] buffer = new byte[8192];
        try (Socket socket = connect(gateway, CALLER)) {
            for (int i = 0; i < CALLS; i++) {
                long start = System.nanoTime();
                socket.getOutputStream().write(request);
                int read = socket.getInputStream().read(buffer);
                nanos[i] = System.nanoTime() - start;
                assertThat(new String(buffer, 0, Math.max(0, read), StandardCharsets.US_ASCII))
                        .startsWith("HTTP/1.1 200");
            }
        }
        Arrays.sort(nanos);
        return nanos[CALLS * 95 / 100];
    }
}
