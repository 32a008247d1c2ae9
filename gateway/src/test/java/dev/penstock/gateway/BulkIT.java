package dev.penstock.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.testkit.Await;
import dev.penstock.testkit.ChildJvm;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Bodies larger than the gateway's heap pass both ways. {@code -Dpenstock.bulk.mib=1024 -Dpenstock.bulk.heap=256m} makes
 * it a gibibyte; the figures are printed.
 */
class BulkIT {
    private static final long MIB = 1024 * 1024;
    private static final long BYTES = Long.getLong("penstock.bulk.mib", 256) * MIB;
    private static final String HEAP = System.getProperty("penstock.bulk.heap", "96m");
    /** What the process may grow by, heap and all; a body that is held shows as its whole size. */
    private static final long GROWTH = 128 * MIB;

    private static final byte[] PIECE = new byte[64 * 1024];
    private static final Vertx VERTX = Vertx.vertx();
    private static final AtomicLong RECEIVED = new AtomicLong();
    private static HttpServer server;
    private static ChildJvm gateway;
    private static int port;

    @BeforeAll
    static void start(@TempDir Path folder) {
        server = VERTX.createHttpServer(new HttpServerOptions().setHost("127.0.0.1"))
                .requestHandler(request -> {
                    if (request.method().name().equals("GET")) {
                        request.response().putHeader("content-length", Long.toString(BYTES));
                        send(request.response(), BYTES);
                    } else {
                        receive(request);
                    }
                });
        Await.result(server.listen(0));
        gateway = ChildJvm.of(BulkChild.class)
                .jvm("-Xmx" + HEAP, "-XX:MaxDirectMemorySize=64m", "-XX:+ExitOnOutOfMemoryError")
                .arguments("http://127.0.0.1:" + server.actualPort(), folder.toString())
                .start();
        port = Integer.parseInt(
                gateway.awaitLine("port=(\\d+)", Duration.ofMinutes(2)).group(1));
    }

    @AfterAll
    static void stop() {
        gateway.close();
        Await.result(server.close());
        Await.result(VERTX.close());
    }

    private static void receive(HttpServerRequest request) {
        RECEIVED.set(0);
        request.handler(chunk -> RECEIVED.addAndGet(chunk.length()));
        request.endHandler(end -> request.response().end("thanks"));
    }

    private static void send(HttpServerResponse response, long left) {
        if (left <= 0) {
            response.end();
            return;
        }
        response.write(Buffer.buffer(PIECE)).onSuccess(written -> send(response, left - PIECE.length));
    }

    private static long resident() throws IOException {
        return Files.readAllLines(Path.of("/proc", Long.toString(gateway.pid()), "status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                .findFirst()
                .orElseThrow();
    }

    private static String head(String method, String more) {
        return method + " /bulk/file HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + more + "Authorization: Bearer "
                + GatewayFixture.KEY + "\r\n\r\n";
    }

    private static long upload(String framing, boolean chunked, long bytes) throws IOException {
        try (Wire wire = new Wire(port)) {
            wire.patience(Duration.ofMinutes(2));
            wire.send(head("POST", framing));
            for (long sent = 0; sent < bytes; sent += PIECE.length) {
                if (chunked) {
                    wire.send(Integer.toHexString(PIECE.length) + "\r\n")
                            .send(PIECE)
                            .send("\r\n");
                } else {
                    wire.send(PIECE);
                }
            }
            if (chunked) {
                wire.send("0\r\n\r\n");
            }
            assertThat(wire.rest()).startsWith("HTTP/1.1 200").contains("thanks");
        }
        return RECEIVED.get();
    }

    private static long download() throws IOException {
        try (Wire wire = new Wire(port)) {
            wire.patience(Duration.ofMinutes(2));
            wire.send(head("GET", ""));
            assertThat(wire.status()).startsWith("HTTP/1.1 200");
            InputStream in = wire.in();
            byte[] buffer = new byte[PIECE.length];
            long count = 0;
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                count += n;
            }
            return count;
        }
    }

    @Test
    void bodiesLargerThanTheHeapPassBothWaysAndTheProcessStaysSmall() throws IOException {
        upload("Content-Length: " + 16 * MIB + "\r\n", false, 16 * MIB); // warm
        long before = resident();
        long begun = System.nanoTime();
        assertThat(upload("Content-Length: " + BYTES + "\r\n", false, BYTES)).isEqualTo(BYTES);
        long uploaded = System.nanoTime();
        assertThat(download()).isGreaterThanOrEqualTo(BYTES);
        long downloaded = System.nanoTime();
        assertThat(upload("Transfer-Encoding: chunked\r\n", true, BYTES)).isEqualTo(BYTES);
        long after = resident();
        System.out.printf(
                "bulk: %d MiB through -Xmx%s: up %.1f s, down %.1f s; resident %d MiB before, %d MiB after%n",
                BYTES / MIB, HEAP, (uploaded - begun) / 1e9, (downloaded - uploaded) / 1e9, before / MIB, after / MIB);
        assertThat(gateway.alive()).isTrue();
        assertThat(after - before).isLessThan(GROWTH);
    }

    @Test
    void oneByteOverTheBoundIsRefusedBeforeAnythingIsSent() throws IOException {
        try (Wire wire = new Wire(port)) {
            wire.send(head("POST", "Content-Length: " + (2048 * MIB + 1) + "\r\n"));
            assertThat(wire.status()).startsWith("HTTP/1.1 413");
        }
    }
}
