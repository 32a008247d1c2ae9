package dev.penstock.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.testkit.Await;
import io.vertx.core.Promise;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Callers who go away before they have their embedding. */
class HangUpTest {
    private static final String BODY = "{\"model\":\"embed\",\"input\":\"same\"}";

    @TempDir
    Path folder;

    private GatewayFixture gateway;
    private FakeBatching batching;
    private FakeCache cache;

    @BeforeEach
    void start() {
        gateway = new GatewayFixture(folder, "");
        batching = gateway.batching();
        cache = gateway.cache();
        batching.gate = Promise.promise();
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    @Test
    void theWorkIsTakenBackAndNothingIsLeft() throws IOException {
        Wire caller = asking();
        Await.until("it is under way", () -> batching.submits.size() == 1);
        caller.close();
        Await.until("it is taken back", () -> batching.cancels.size() == 1);
        assertThat(batching.cancels.getFirst().submission())
                .isEqualTo(batching.submits.getFirst().submission());
        Await.until("the flight is given back", () -> cache.abandoned.size() == 1);
        Await.until(
                "nothing is left",
                () -> gateway.harness.telemetry().scrape().contains("penstock_http_requests_in_flight 0.0"));
    }

    @Test
    void aFollowerStillGetsItsAnswer() throws IOException {
        Wire leader = asking();
        Await.until("it is under way", () -> batching.submits.size() == 1);
        Wire follower = asking();
        Await.until("the other waits", () -> cache.waiters() == 1);
        leader.close();
        Await.until("the follower leads", () -> batching.submits.size() == 2);
        batching.gate.complete();
        try (follower) {
            assertThat(follower.status()).isEqualTo("HTTP/1.1 200 OK");
        }
    }

    @Test
    void aFollowerThatIsGoneDoesNotBeginWorkForNobody() throws IOException {
        Wire leader = asking();
        Await.until("it is under way", () -> batching.submits.size() == 1);
        Wire follower = asking();
        Await.until("the other waits", () -> cache.waiters() == 1);
        follower.close();
        roundOfAllEventLoops();
        leader.close();
        Await.until("both flights are given back", () -> cache.abandoned.size() == 2);
        assertThat(batching.submits).hasSize(1);
    }

    /** What an event loop does for a connection that is made later, it does later. */
    private void roundOfAllEventLoops() throws IOException {
        for (int i = 0; i < 4 * Runtime.getRuntime().availableProcessors(); i++) {
            try (Wire wire = new Wire(gateway.port())) {
                wire.send("GET /health/simple HTTP/1.1\r\nHost: x\r\n\r\n");
                assertThat(wire.status()).isEqualTo("HTTP/1.1 200 OK");
            }
        }
    }

    private Wire asking() throws IOException {
        Wire wire = new Wire(gateway.port());
        return wire.send(Wire.head("/v1/embeddings", "Content-Length: " + BODY.length()))
                .send(BODY);
    }
}
