package dev.penstock.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.testkit.Await;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests that never get whole end by themselves; the fixture's idle timeout is 2 s. */
class SlowRequestsTest {
    private static final String EMBEDDINGS = "/v1/embeddings";

    @TempDir
    Path folder;

    private GatewayFixture gateway;

    @BeforeEach
    void start() {
        gateway = new GatewayFixture(folder, "");
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    @Test
    void aBodyThatNeverComesIsGivenUpAndItsConnectionClosed() throws IOException {
        try (Wire wire = new Wire(gateway.port())) {
            wire.send(Wire.head(EMBEDDINGS, "Content-Length: 100")).send("{\"model\"");
            assertThat(wire.status()).startsWith("HTTP/1.1 408");
            assertThat(wire.rest()).contains("\"request_timeout\"").containsIgnoringCase("connection: close");
            assertThat(inFlight()).contains("penstock_http_requests_in_flight 0.0");
        }
    }

    @Test
    void aBodyThatTricklesIsGivenUpWhenTheRequestsTimeIsSpent() throws IOException {
        try (Wire wire = new Wire(gateway.port())) {
            wire.send(Wire.head(EMBEDDINGS, "Content-Length: 60000", "X-Penstock-Timeout: 0.5"));
            Await.until("there is an answer", () -> wire.ready() || !wire.trySend(" "));
            assertThat(wire.status()).startsWith("HTTP/1.1 408");
        }
    }

    @Test
    void aBodyThatTakesLongButComesIsAnswered() throws IOException {
        gateway.batching();
        String body = "{\"model\":\"embed\",\"input\":\"x\"}";
        try (Wire wire = new Wire(gateway.port())) {
            wire.send(Wire.head(EMBEDDINGS, "Content-Length: " + body.length()));
            long start = System.nanoTime();
            for (int i = 0; i < body.length(); i++) {
                long due = start + i * 90_000_000L;
                Await.until("the next byte is due", () -> System.nanoTime() - due > 0);
                wire.send(body.substring(i, i + 1));
            }
            assertThat(wire.status()).isEqualTo("HTTP/1.1 200 OK");
        }
    }

    @Test
    void aSecondHeadThatNeverEndsAndAHeadThatTricklesAreClosed() throws IOException {
        try (Wire second = new Wire(gateway.port());
                Wire trickle = new Wire(gateway.port())) {
            second.send("GET /health/simple HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(second.status()).isEqualTo("HTTP/1.1 200 OK");
            second.send("GET /v1/mod");
            second.rest();
            trickle.send("GET /");
            Await.until("it is closed", () -> closed(trickle));
        }
    }

    @Test
    void aRefusedUpgradeDoesNotKeepItsConnectionForEver() throws IOException {
        try (Wire wire = new Wire(gateway.port())) {
            wire.send("GET /api/alerts/stream HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
            assertThat(wire.status()).startsWith("HTTP/1.1 401");
            wire.rest();
        }
    }

    private static boolean closed(Wire wire) {
        if (!wire.trySend("x")) {
            return true;
        }
        try {
            return wire.ready() && wire.in().read() >= 0;
        } catch (IOException e) {
            return true;
        }
    }

    private String inFlight() {
        return gateway.harness.telemetry().scrape();
    }
}
