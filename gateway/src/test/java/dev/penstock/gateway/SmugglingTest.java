package dev.penstock.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.testkit.Await;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests whose end two servers could see in two places: refused, and nothing after them is read (RFC 9112 §6, §11.2). */
class SmugglingTest {
    private static final Vertx VERTX = Vertx.vertx();
    private static final String SECOND =
            "GET /shop/smuggled HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + GatewayFixture.KEY + "\r\n\r\n";

    private static Upstream one;
    private static GatewayFixture strict;
    private static GatewayFixture cleartext;

    @BeforeAll
    static void start(@TempDir Path folder, @TempDir Path other) {
        one = new Upstream(VERTX, "one");
        String routes = """
                routes:
                  - {name: shop, prefix: /shop, pool: {instances: [{url: "http://127.0.0.1:%d"}]}}
                """.formatted(one.port());
        strict = GatewayFixture.serving(folder, "  h2c: false\n", routes, "");
        cleartext = new GatewayFixture(other, routes);
    }

    @AfterAll
    static void stop() {
        strict.close();
        cleartext.close();
        one.close();
        Await.result(VERTX.close());
    }

    static Stream<Arguments> shapes() {
        String chunks = "0\r\n\r\n";
        return Stream.of("/shop/echo", "/v1/embeddings", "/api/aggregate")
                .flatMap(path -> Stream.of(
                        Arguments.of(path, "Content-Length: 3\r\nTransfer-Encoding: chunked", chunks),
                        Arguments.of(path, "Transfer-Encoding: chunked\r\nContent-Length: 3", chunks),
                        Arguments.of(path, "Transfer-Encoding: chunked, identity", chunks),
                        Arguments.of(path, "Transfer-Encoding: xchunked", chunks),
                        Arguments.of(path, "Transfer-Encoding: identity, chunked, chunked, x", chunks),
                        Arguments.of(path, "Transfer-Encoding : chunked", chunks),
                        Arguments.of(path, "Content-Length: 3\r\nContent-Length: 4", "abc"),
                        Arguments.of(path, "Content-Length: 3, 4", "abc"),
                        Arguments.of(path, "Content-Length: +3", "abc"),
                        Arguments.of(path, "Content-Length: 0x3", "abc")));
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void isRefusedWith400AndItsConnectionEnds(String path, String lines, String body) throws IOException {
        one.seen.clear();
        try (Wire wire = new Wire(strict.port())) {
            wire.trySend(Wire.head(path, lines) + body + SECOND);
            assertThat(wire.rest()).startsWith("HTTP/1.1 400").containsOnlyOnce("HTTP/1.1 ");
        }
        assertThat(one.seen).isEmpty();
    }

    /** The length is gone before anybody could see it; the connection must end after the answer all the same. */
    @Test
    void withHttp2InCleartextALengthBesideChunksEndsTheConnectionAfterItsAnswer() throws IOException {
        one.seen.clear();
        try (Wire wire = new Wire(cleartext.port())) {
            wire.trySend(Wire.head("/shop/echo", "Content-Length: 3", "Transfer-Encoding: chunked")
                    + "1\r\na\r\n0\r\n\r\n" + SECOND);
            assertThat(wire.rest()).startsWith("HTTP/1.1 200").containsOnlyOnce("HTTP/1.1 ");
        }
        assertThat(one.seen).noneMatch(seen -> seen.uri().contains("smuggled"));
        assertThat(one.seen.getFirst().headers().contains("content-length")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"zz\r\n", "-1\r\n", "1 1\r\na\r\n", "FFFFFFFFFFFFFFFFF\r\na", "1\r\nab\r\n0\r\n\r\n"})
    void badChunksEndTheConnectionAndTheServersCall(String chunks) throws IOException {
        one.seen.clear();
        try (Wire wire = new Wire(strict.port())) {
            wire.trySend(Wire.head("/shop/echo", "Transfer-Encoding: chunked") + chunks + SECOND);
            assertThat(wire.rest()).doesNotContain("HTTP/1.1 200");
        }
        assertThat(one.seen).noneMatch(seen -> seen.uri().contains("smuggled"));
        Await.until(
                "nothing is left of it",
                () -> strict.harness.telemetry().scrape().contains("penstock_http_requests_in_flight 0.0"));
    }

    /** RFC 9112 §5.2 allows to read a folded line as one with a space: then both servers see the same. */
    @Test
    void foldedLinesReachTheServerUnfolded() throws IOException {
        one.seen.clear();
        try (Wire wire = new Wire(strict.port())) {
            wire.send(Wire.head("/shop/echo", "X-A: a\r\n b", "Content-Length: 0", "Connection: close"));
            assertThat(wire.rest()).matches("(?s)HTTP/1.1 (200|400).*");
        }
        assertThat(one.seen).allMatch(seen -> "a b".equals(seen.headers().get("x-a")));
    }

    @Test
    void orderlyChunksKeepTheirConnection() throws IOException {
        try (Wire wire = new Wire(strict.port())) {
            wire.send(Wire.head("/shop/echo", "Transfer-Encoding: chunked") + "1\r\na\r\n0\r\n\r\n"
                    + SECOND.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"));
            assertThat(wire.rest()).startsWith("HTTP/1.1 200").contains("/shop/smuggled");
        }
    }
}
