package dev.penstock.gateway.guard.content;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.common.config.ConfigLoader;
import dev.penstock.common.config.UploadsConfig;
import dev.penstock.testkit.Await;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Uploads through a real server, so that bodies arrive as they do. */
class SpoolingCheckTest {
    @TempDir
    Path folder;

    private final Vertx vertx = Vertx.vertx();
    private final List<String> refusals = new CopyOnWriteArrayList<>();
    private HttpServer server;

    @BeforeEach
    void start() {
        serve("");
    }

    @AfterEach
    void stop() {
        Await.until("no file is left", () -> left() == 0); // deleted after the answer is on its way
        Await.result(vertx.close());
    }

    private long left() {
        try (Stream<Path> left = Files.list(folder.resolve("uploads"))) {
            return left.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void serve(String more) {
        String yaml =
                "protection:\n  uploads:\n    max-file: 4MiB\n    max-unpacked: 8MiB\n    max-entries: 50\n" + more;
        UploadsConfig config =
                ConfigLoader.parse(yaml, Map.of()).orThrow().protection().uploads();
        var check = new SpoolingCheck(
                vertx, folder.resolve("uploads"), config, (request, subject, detail) -> refusals.add(detail));
        Await.result(check.start());
        server = Await.result(vertx.createHttpServer()
                .requestHandler(request -> check.check(new ContentCheck.Upload(
                                request, request, request.getHeader("content-type"), "x", "anonymous", -1))
                        .onSuccess(checked -> checked.open()
                                .compose(stream ->
                                        request.response().setChunked(true).send(stream))
                                .eventually(checked::discard))
                        .onFailure(cause -> {
                            var fault = (dev.penstock.common.fault.Fault) cause;
                            request.response().setStatusCode(fault.status()).end(fault.reason());
                        }))
                .listen(0, "127.0.0.1"));
    }

    private HttpResponse<byte[]> send(String type, byte[] body) throws Exception {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.actualPort() + "/"))
                .header("content-type", type)
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request, HttpResponse.BodyHandlers.ofByteArray());
        }
    }

    @Test
    void whatIsWhatItSaysArrivesByteForByte() throws Exception {
        byte[] large = "{\"text\":\""
                .concat("ä<script>'".repeat(100_000))
                .concat("\"}")
                .getBytes(StandardCharsets.UTF_8);
        assertThat(send("application/json", large).body()).isEqualTo(large);
        byte[] png = latin("\u0089PNG\r\n\u001a\n....");
        assertThat(send("image/png", png).body()).isEqualTo(png);
        byte[] zip = zip("a.txt", "hello".getBytes(StandardCharsets.UTF_8));
        assertThat(send("application/zip", zip).body()).isEqualTo(zip);
        assertThat(send("text/csv", latin("BMW,ID3 tag,MZ\n")).statusCode()).isEqualTo(200);
        assertThat(send("application/octet-stream", latin("\u007fELF")).statusCode())
                .isEqualTo(200);
        assertThat(refusals).isEmpty();
    }

    @Test
    void aProgramThatSaysItIsJsonIsRefused() throws Exception {
        assertThat(send("application/json", latin("\u007fELF\u0002\u0001")).statusCode())
                .isEqualTo(415);
        assertThat(send("image/png", latin("MZ\u0090\0\u0003\0")).statusCode()).isEqualTo(415);
        assertThat(send("application/pdf", latin("#!/bin/sh\n")).statusCode()).isEqualTo(415);
        assertThat(send("text/plain", latin("a\0b")).statusCode()).isEqualTo(415);
        assertThat(refusals).hasSize(4).first().asString().contains("declared as application/json and is elf");
    }

    @Test
    void theTestSignatureIsFoundAlsoInArchivesInArchives() throws Exception {
        byte[] eicar = Inspector.EICAR.getBytes(StandardCharsets.US_ASCII);
        assertThat(send("text/plain", eicar).statusCode()).isEqualTo(422);
        assertThat(send("application/zip", zip("x", eicar)).statusCode()).isEqualTo(422);
        assertThat(send("application/gzip", gzip(zip("x", zip("y", eicar)))).statusCode())
                .isEqualTo(422);
        assertThat(send("application/gzip", gzip(tar("x", eicar))).statusCode()).isEqualTo(422);
        byte[] across = (" ".repeat(16 * 1024 - 20) + Inspector.EICAR).getBytes(StandardCharsets.US_ASCII);
        assertThat(send("text/plain", across).statusCode()).isEqualTo(422);
    }

    @Test
    void archivesThatUnpackToTooMuchAreRefused() throws Exception {
        byte[] zeros = new byte[6 * 1024 * 1024];
        assertThat(send("application/zip", zip("zeros", zeros)).statusCode()).isEqualTo(413);
        assertThat(send("application/gzip", gzip(zeros)).statusCode()).isEqualTo(413);
        assertThat(send("application/zip", zip("a", zip("b", zip("c", zip("d", new byte[1])))))
                        .statusCode())
                .isEqualTo(413);
        ByteArrayOutputStream many = new ByteArrayOutputStream();
        try (ZipOutputStream out = new ZipOutputStream(many)) {
            for (int i = 0; i < 60; i++) {
                out.putNextEntry(new ZipEntry("f" + i));
            }
        }
        assertThat(send("application/zip", many.toByteArray()).statusCode()).isEqualTo(413);
        byte[] cut = zip("a", new byte[1000]);
        assertThat(send("application/zip", java.util.Arrays.copyOf(cut, cut.length - 30))
                        .statusCode())
                .isEqualTo(422);
    }

    @Test
    void whatIsLargerThanCanBeCheckedIsRefused() throws Exception {
        assertThat(send("application/octet-stream", new byte[5 * 1024 * 1024]).statusCode())
                .isEqualTo(413);
    }

    @Test
    void clamdDecidesAndItsSilenceLetsNothingPass() throws Exception {
        var clamd = Await.result(vertx.createNetServer()
                .connectHandler(socket -> {
                    Buffer all = Buffer.buffer();
                    socket.handler(part -> {
                        all.appendBuffer(part);
                        int length = all.length();
                        if (length > 14 && all.getInt(length - 4) == 0) {
                            boolean bad =
                                    all.toString(StandardCharsets.ISO_8859_1).contains("virus");
                            socket.write(bad ? "stream: Test FOUND\0" : "stream: OK\0");
                        }
                    });
                })
                .listen(0, "127.0.0.1"));
        Await.result(server.close());
        serve("    clamav: 127.0.0.1:" + clamd.actualPort() + "\n");
        assertThat(send("text/plain", latin("fine")).statusCode()).isEqualTo(200);
        assertThat(send("text/plain", latin("a virus")).statusCode()).isEqualTo(422);
        Await.result(clamd.close());
        assertThat(send("text/plain", latin("fine")).statusCode()).isEqualTo(503);
    }

    private static byte[] latin(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] zip(String name, byte[] content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream out = new ZipOutputStream(bytes)) {
            out.putNextEntry(new ZipEntry(name));
            out.write(content);
        }
        return bytes.toByteArray();
    }

    private static byte[] gzip(byte[] content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(bytes)) {
            out.write(content);
        }
        return bytes.toByteArray();
    }

    private static byte[] tar(String name, byte[] content) {
        byte[] all = new byte[512 + (content.length + 511) / 512 * 512 + 1024];
        System.arraycopy(latin(name), 0, all, 0, name.length());
        byte[] size = latin(String.format(java.util.Locale.ROOT, "%011o", content.length));
        System.arraycopy(size, 0, all, 124, size.length);
        System.arraycopy(latin("ustar"), 0, all, 257, 5);
        System.arraycopy(content, 0, all, 512, content.length);
        return all;
    }
}
