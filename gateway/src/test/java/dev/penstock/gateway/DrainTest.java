package dev.penstock.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.testkit.Await;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One of two gateways goes while both are called without a pause. */
class DrainTest {
    private static final String CLOSE = "Connection: close";
    private static final String EMBED = "{\"model\":\"embed\",\"input\":\"x\"}";

    @TempDir
    Path left;

    @TempDir
    Path right;

    private final Vertx vertx = Vertx.vertx();
    private final Upstream one = new Upstream(vertx, "one");
    private GatewayFixture going;
    private GatewayFixture staying;
    private final AtomicBoolean over = new AtomicBoolean();
    private final ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
    private final AtomicInteger right200 = new AtomicInteger();
    private final AtomicInteger moved = new AtomicInteger();
    private final AtomicInteger closed = new AtomicInteger();

    @BeforeEach
    void start() {
        String routes = """
                routes:
                  - {name: shop, prefix: /shop, websocket: true, pool: {instances: [{url: "http://127.0.0.1:%d"}]}}
                """.formatted(one.port());
        going = new GatewayFixture(left, routes);
        going.batching();
        staying = new GatewayFixture(right, routes);
        staying.batching();
    }

    @AfterEach
    void stop() {
        over.set(true);
        going.close();
        staying.close();
        one.close();
        Await.result(vertx.close());
    }

    /**
     * Calls one gateway, and the other where no connection can be made or it ends without a byte of an answer, as HTTP
     * clients do; nothing else is tried again.
     */
    private void call(String request, boolean preferGoing) {
        GatewayFixture first = preferGoing ? going : staying;
        for (GatewayFixture target : List.of(first, staying)) {
            try (Wire wire = new Wire(target.port())) {
                wire.send(request);
                String answer = wire.rest();
                if (answer.startsWith("HTTP/1.1 200")) {
                    right200.incrementAndGet();
                } else if (answer.isEmpty() && target == going) {
                    closed.incrementAndGet(); // the listener went with the connection in its queue
                    continue;
                } else {
                    wrong.add(answer.isEmpty() ? "nothing" : answer);
                }
                return;
            } catch (ConnectException e) {
                moved.incrementAndGet();
            } catch (IOException e) {
                wrong.add(e.toString());
                return;
            }
        }
        wrong.add("nobody takes connections");
    }

    @Test
    void nobodyGetsAnErrorOrHalfAnAnswerWhenOneOfTwoGoes() throws InterruptedException {
        String plain = "GET /shop/x HTTP/1.1\r\nHost: x\r\n" + CLOSE + "\r\nAuthorization: Bearer " + GatewayFixture.KEY
                + "\r\n\r\n";
        String ai = Wire.head("/v1/embeddings", CLOSE, "Content-Length: " + EMBED.length()) + EMBED;
        List<Thread> callers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            boolean even = i % 2 == 0;
            callers.add(Thread.ofVirtual().start(() -> {
                boolean turn = true;
                while (!over.get()) {
                    call(even ? plain : ai, turn);
                    turn = !turn;
                }
            }));
        }
        Await.until("there is load", () -> right200.get() > 200);
        Await.result(going.gateway.drain());
        int then = right200.get();
        Await.until("the load goes on", () -> right200.get() > then + 200);
        over.set(true);
        for (Thread caller : callers) {
            caller.join();
        }
        System.out.println(
                "drain: " + closed.get() + " connections ended without an answer, " + moved.get() + " refused");
        assertThat(wrong).isEmpty();
        assertThat(moved).hasPositiveValue();
    }

    @Test
    void webSocketsAreToldToGoElsewhere() throws Exception {
        var listener = new RoutesTest.Listener();
        going.client()
                .newWebSocketBuilder()
                .header("Authorization", "Bearer " + GatewayFixture.KEY)
                .buildAsync(URI.create("ws://127.0.0.1:" + going.port() + "/shop/socket"), listener)
                .get(10, TimeUnit.SECONDS);
        going.gateway.drain();
        assertThat(listener.closed.get(10, TimeUnit.SECONDS)).isEqualTo(1001);
    }

    @Test
    void aRequestUnderWayIsFinishedAndOneThatNeverEndsHoldsNobodyUp() throws IOException {
        String head = "HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + GatewayFixture.KEY + "\r\n\r\n";
        try (Wire stalled = new Wire(going.port());
                Wire late = new Wire(going.port())) {
            stalled.send("GET /shop/stall " + head);
            late.send(Wire.head("/shop/echo", "Content-Length: 5") + "he");
            Await.until("both are there", () -> one.seen.size() == 2);
            long begun = System.nanoTime();
            var drained = going.gateway.drain();
            late.send("llo");
            assertThat(late.rest()).startsWith("HTTP/1.1 200").contains("hello");
            Await.result(drained);
            assertThat(Duration.ofNanos(System.nanoTime() - begun))
                    .isBetween(Duration.ofSeconds(1), Duration.ofSeconds(8));
            assertThat(stalled.rest()).doesNotContain("HTTP/1.1 200");
        }
    }
}
