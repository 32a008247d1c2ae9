package dev.penstock.gateway;

import static dev.penstock.gateway.EmbeddingsTest.header;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.testkit.Await;
import io.vertx.core.Vertx;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A route whose bodies are checked before its server sees them. */
class UploadRouteTest {
    private static final Vertx VERTX = Vertx.vertx();
    private static final byte[] PDF = "%PDF-1.7 and so on".getBytes(StandardCharsets.US_ASCII);
    /** In two parts, so that scanners leave this file alone. */
    private static final String EICAR = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*";

    @TempDir
    static Path folder;

    private static Upstream one;
    private static Upstream two;
    private static GatewayFixture gateway;

    @BeforeAll
    static void start() {
        one = new Upstream(VERTX, "one");
        two = new Upstream(VERTX, "two");
        gateway = new GatewayFixture(folder, """
                protection:
                  uploads: {max-unpacked: 4MiB}
                routes:
                  - name: files
                    prefix: /files
                    max-body: 1MiB
                    check-uploads: true
                    timeouts: {idle: 1s, total: 20s}
                    pool: {outlier: {failures: 100}, retries: {floor: 1000}, instances: [{name: one, url: "http://127.0.0.1:%d"}, {name: two, url: "http://127.0.0.1:%d"}]}
                """.formatted(one.port(), two.port()));
    }

    @AfterAll
    static void stop() {
        gateway.close();
        one.close();
        two.close();
        Await.result(VERTX.close());
    }

    @BeforeEach
    void clear() {
        one.seen.clear();
        two.seen.clear();
    }

    @AfterEach
    void nothingStaysOnDisk() {
        Await.until("no upload is left", () -> {
            try (Stream<Path> files = Files.walk(folder)) {
                return files.noneMatch(file -> file.toString().endsWith(".upload"));
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
    }

    private static HttpResponse<String> upload(String type, byte[] body, String... headers) {
        return gateway.send(gateway.request("/files/x", headers)
                .setHeader("Content-Type", type)
                .POST(BodyPublishers.ofByteArray(body))
                .build());
    }

    private static int calls() {
        return one.seen.size() + two.seen.size();
    }

    private static byte[] zip(byte[] content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.putNextEntry(new ZipEntry("a"));
            zip.write(content);
            zip.closeEntry();
        }
        return bytes.toByteArray();
    }

    @Test
    void harmlessUploadsReachTheServerWholeAndWithTheirLength() {
        HttpResponse<String> response = upload("application/pdf", Arrays.copyOf(PDF, 300_000));
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).contains("%PDF-1.7").contains("\"content-length\":\"300000\"");
        assertThat(calls()).isEqualTo(1);
    }

    @Test
    void contentThatIsNotWhatItsTypeSaysIsRefused() {
        assertThat(upload("application/pdf", "<html>no</html>".getBytes(StandardCharsets.US_ASCII))
                        .statusCode())
                .isEqualTo(415);
        assertThat(calls()).isZero();
    }

    @Test
    void harmfulContentIsRefusedAlsoInAnArchive() throws IOException {
        byte[] harmful = EICAR.getBytes(StandardCharsets.US_ASCII);
        assertThat(upload("text/plain", harmful).statusCode()).isEqualTo(422);
        assertThat(upload("application/zip", zip(harmful)).statusCode()).isEqualTo(422);
        assertThat(upload("application/zip", zip(PDF)).statusCode()).isEqualTo(200);
        assertThat(calls()).isEqualTo(1);
    }

    @Test
    void archivesThatUnpackToTooMuchAreRefused() throws IOException {
        assertThat(upload("application/zip", zip(new byte[5 * 1024 * 1024])).statusCode())
                .isEqualTo(413);
        assertThat(calls()).isZero();
    }

    @Test
    void whatIsTooLargeIsRefusedWithAndWithoutALength() throws IOException {
        assertThat(upload("application/pdf", Arrays.copyOf(PDF, 1024 * 1024 + 1))
                        .statusCode())
                .isEqualTo(413);
        try (Wire wire = new Wire(gateway.port())) {
            wire.send(Wire.head("/files/x", "Transfer-Encoding: chunked").replace("application/json", "text/plain"));
            String chunk = "10000\r\n" + "a".repeat(0x10000) + "\r\n";
            for (int i = 0; i < 17; i++) {
                wire.trySend(chunk);
            }
            wire.trySend("0\r\n\r\n");
            assertThat(wire.status()).startsWith("HTTP/1.1 413");
        }
        assertThat(calls()).isZero();
    }

    @Test
    void aCheckedUploadIsSentAgainFromItsFileWhereItMayBe() {
        Upstream.anyFailures.set(1);
        HttpResponse<String> response = gateway.send(gateway.request("/files/flaky", "Idempotency-Key", "k")
                .setHeader("Content-Type", "application/pdf")
                .POST(BodyPublishers.ofByteArray(Arrays.copyOf(PDF, 200_000)))
                .build());
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(header(response, "x-penstock-attempts")).isEqualTo("2");
        assertThat(calls()).isEqualTo(2);
    }

    @Test
    void anUploadThatStallsIsGivenUp() throws IOException {
        try (Wire wire = new Wire(gateway.port())) {
            wire.send(
                    Wire.head("/files/x", "Content-Length: 100000").replace("application/json", "text/plain") + "abc");
            assertThat(wire.status()).startsWith("HTTP/1.1 408");
        }
        assertThat(calls()).isZero();
    }
}
