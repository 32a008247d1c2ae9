package dev.penstock.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.testkit.Await;
import dev.penstock.testkit.Reply;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Streams that are silent, and streams whose readers do not keep up. */
class StreamPressureTest {
    private static final String STREAM = """
            {"model":"%s","stream":true,"messages":[{"role":"user","content":"hi"}]}""";
    private static final Buffer EVENT =
            Buffer.buffer("data: {\"choices\":[{\"delta\":{\"content\":\"" + "x".repeat(16_000) + "\"}}]}\n\n");
    /** More than what all sockets on the way may hold. */
    private static final long BOUND = 64L << 20;

    @TempDir
    Path folder;

    @Test
    void aSilentStreamGetsCommentsThatTheSdksSkip() {
        try (GatewayFixture gateway = new GatewayFixture(folder, "")) {
            gateway.batching();
            gateway.model.next(Reply.chatStream(List.of("a")).gap(GatewayFixture.HEARTBEAT.multipliedBy(3)));
            String body = gateway.post("/v1/chat/completions", STREAM.formatted("org/chat"))
                    .body();
            assertThat(body).contains(": ping\n\n").endsWith("data: [DONE]\n\n");
            assertThat(body.replace(": ping\n\n", "").split("\n\n", -1))
                    .allMatch(event -> event.isEmpty() || event.startsWith("data: "));
        }
    }

    @Test
    void silenceBeforeTheFirstEventIsFilledToo() {
        try (GatewayFixture gateway = new GatewayFixture(folder, "")) {
            gateway.batching();
            Endless model = new Endless(gateway, 0);
            try (Wire wire = asking(gateway)) {
                assertThat(wire.status()).isEqualTo("HTTP/1.1 200 OK");
                assertThat(readUntil(wire, ": ping")).contains("content-type: text/event-stream");
            } catch (IOException e) {
                throw new AssertionError(e);
            } finally {
                model.close();
            }
        }
    }

    @Test
    void aSlowReaderPausesTheModelAndCostsNoHeap() throws IOException {
        try (GatewayFixture gateway = new GatewayFixture(folder, "")) {
            gateway.batching();
            Endless model = new Endless(gateway, Long.MAX_VALUE);
            try (Wire wire = asking(gateway)) {
                assertThat(wire.status()).isEqualTo("HTTP/1.1 200 OK");
                Await.until("the model is paused", Duration.ofSeconds(20), model::quiet);
                long held = model.sent.get();
                assertThat(held).as("all that is on the way").isLessThan(BOUND);
                wire.in().skipNBytes(held);
                Await.until("the model goes on", () -> model.sent.get() > held);
            }
            Await.until("the model sees the hang-up", model.hungUp::get);
            model.close();
        }
    }

    private static Wire asking(GatewayFixture gateway) throws IOException {
        String body = STREAM.formatted("endless");
        Wire wire = new Wire(gateway.port());
        wire.send(Wire.head("/v1/chat/completions", "Content-Length: " + body.length()))
                .send(body);
        return wire;
    }

    private static String readUntil(Wire wire, String text) throws IOException {
        StringBuilder read = new StringBuilder();
        while (read.indexOf(text) < 0) {
            int c = wire.in().read();
            assertThat(c).isNotNegative();
            read.append((char) c);
        }
        return read.toString();
    }

    /** A model whose answer never ends, as fast as it is taken. */
    private static final class Endless {
        final AtomicLong sent = new AtomicLong();
        final AtomicBoolean hungUp = new AtomicBoolean();
        private final HttpServer server;
        private final long most;
        private long seen = -1;
        private long seenNanos;

        Endless(GatewayFixture gateway, long most) {
            this.most = most;
            server = Await.result(gateway.backendVertx
                    .createHttpServer()
                    .requestHandler(request -> {
                        HttpServerResponse response = request.response().setChunked(true);
                        response.putHeader("content-type", "text/event-stream");
                        response.closeHandler(v -> hungUp.set(true));
                        response.writeHead();
                        fill(response);
                    })
                    .listen(gateway.endlessPort, "127.0.0.1"));
        }

        private void fill(HttpServerResponse response) {
            while (!response.writeQueueFull() && !hungUp.get() && sent.get() < most) {
                response.write(EVENT);
                sent.addAndGet(EVENT.length());
            }
            response.drainHandler(v -> fill(response));
        }

        /** Nothing was taken for a while. */
        boolean quiet() {
            long now = sent.get();
            if (now != seen) {
                seen = now;
                seenNanos = System.nanoTime();
            }
            return System.nanoTime() - seenNanos > Duration.ofMillis(700).toNanos();
        }

        void close() {
            Await.result(server.close());
        }
    }
}
