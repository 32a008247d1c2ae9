package dev.penstock.gateway;

import static dev.penstock.gateway.EmbeddingsTest.header;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.testkit.Await;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
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

/** What no honest client sends is refused as what it is: never a 500, and never repeated into a header. */
class HostileRequestsTest {
    private static final String EMBEDDINGS = "/v1/embeddings";
    private static final String CHAT = "/v1/chat/completions";

    private static GatewayFixture gateway;

    @BeforeAll
    static void start(@TempDir Path folder) {
        gateway = new GatewayFixture(folder, "");
        gateway.batching();
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    static Stream<Arguments> bodies() {
        String chat = "{\"model\":\"org/chat\",\"temperature\":0,\"messages\":[{\"role\":\"user\",\"content\":%s}]%s}";
        return Stream.of(
                body("deep arrays", EMBEDDINGS, "{\"model\":\"embed\",\"input\":\"x\",\"x\":" + deep("[", "]") + "}"),
                body(
                        "deep objects",
                        EMBEDDINGS,
                        "{\"model\":\"embed\",\"input\":\"x\",\"x\":" + deep("{\"a\":", "1}") + "}"),
                body("deep input", EMBEDDINGS, "{\"model\":\"embed\",\"input\":" + deep("[", "]") + "}"),
                body(
                        "deep and never closed",
                        EMBEDDINGS,
                        "{\"model\":\"embed\",\"input\":\"x\",\"x\":" + "[".repeat(60_000)),
                body("deep message", CHAT, chat.formatted(deep("[", "]"), "")),
                body("deep option", CHAT, chat.formatted("1", ",\"stream_options\":" + deep("{\"a\":", "1}"))),
                body("half a pair", EMBEDDINGS, "{\"model\":\"embed\",\"input\":\"\\ud800\"}"),
                body("half a pair in a list", EMBEDDINGS, "{\"model\":\"embed\",\"input\":[\"a\",\"\\udc00b\"]}"),
                body("half a pair in a model", EMBEDDINGS, "{\"model\":\"\\ud800\",\"input\":\"a\"}"),
                body(
                        "half a pair in a chat's model",
                        CHAT,
                        "{\"model\":\"\\ud800\",\"messages\":[{\"role\":\"user\"}]}"),
                body(
                        "huge dimensions",
                        EMBEDDINGS,
                        "{\"model\":\"embed\",\"input\":\"x\",\"dimensions\":1" + "0".repeat(400) + "}"),
                body("huge token", EMBEDDINGS, "{\"model\":\"embed\",\"input\":[99999999999999999999]}"),
                body("huge number", EMBEDDINGS, "{\"model\":\"embed\",\"input\":\"x\",\"x\":" + "9".repeat(5000) + "}"),
                body("huge temperature", CHAT, chat.formatted("1", ",\"x\":" + "9".repeat(5000))),
                body("NUL in JSON", EMBEDDINGS, "{\"model\":\"embed\",\0\"input\":\"x\"}"),
                body("NUL in a text", EMBEDDINGS, "{\"model\":\"embed\",\"input\":\"a\0b\"}"),
                body("infinite", EMBEDDINGS, "{\"model\":\"embed\",\"input\":\"x\",\"dimensions\":NaN}"),
                body("two values", CHAT, chat.formatted("1", "") + "{}"),
                body("cut off", CHAT, "{\"model\":\"org/chat\",\"messages\":[{\"role\":\"us"),
                body("nothing", EMBEDDINGS, ""),
                Arguments.of("bad UTF-8", EMBEDDINGS, bytes("{\"model\":\"embed\",\"input\":\"\u00ff\u00fe\"}")),
                Arguments.of("bad UTF-8 in a chat", CHAT, bytes(chat.formatted("\"\u00ff\"", ""))),
                body("byte order mark", CHAT, "\ufeff" + chat.formatted("1", "")),
                Arguments.of("UTF-16", CHAT, chat.formatted("1", "").getBytes(StandardCharsets.UTF_16)),
                Arguments.of("UTF-16LE", EMBEDDINGS, "{\"input\":\"x\"}".getBytes(StandardCharsets.UTF_16LE)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("bodies")
    void refusesTheBodyAndSaysWhy(String name, String path, byte[] body) {
        HttpResponse<String> response = gateway.send(gateway.request(path, "Content-Type", "application/json")
                .POST(BodyPublishers.ofByteArray(body))
                .build());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
        JsonObject error = new JsonObject(response.body()).getJsonObject("error");
        assertThat(error.getString("type")).isEqualTo("invalid_request_error");
        assertThat(error.getString("message")).hasSizeBetween(10, 200);
        assertThat(gateway.harness.telemetry().scrape()).contains("penstock_http_requests_in_flight 0.0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a\"b", "back\\slash", "ü", "a\tb"})
    void replacesIdsThatAreGarbage(String id) throws IOException {
        try (Wire wire = new Wire(gateway.port())) {
            wire.send("GET /v1/models HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer "
                    + GatewayFixture.KEY + "\r\nX-Request-ID: " + id + "\r\n\r\n");
            assertThat(wire.rest()).startsWith("HTTP/1.1 200").containsPattern("x-request-id: [0-9a-f]{32}\r\n");
        }
    }

    @Test
    void takesEitherIdAndTheCallersTrace() {
        String trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        HttpResponse<String> response = gateway.get("/v1/models", "X-Correlation-ID", "order-7", "traceparent", trace);
        assertThat(header(response, "x-request-id")).isEqualTo("order-7");
        assertThat(header(response, "traceparent"))
                .startsWith(trace.substring(0, 36))
                .isNotEqualTo(trace);
        HttpResponse<String> long_ = gateway.get("/v1/models", "X-Request-ID", "x".repeat(129), "traceparent", "00-x");
        assertThat(header(long_, "x-request-id")).matches("[0-9a-f]{32}");
        assertThat(header(long_, "traceparent")).matches("00-[0-9a-f]{32}-[0-9a-f]{16}-01");
        HttpResponse<String> both = gateway.get("/v1/models", "X-Request-ID", "one", "X-Correlation-ID", "two");
        assertThat(header(both, "x-request-id")).isEqualTo("one");
    }

    /** An empty status where there is nothing to answer: the connection just ends. */
    static Stream<Arguments> heads() {
        String length = "Content-Length: 2";
        return Stream.of(
                Arguments.of("conflicting lengths", Wire.head(EMBEDDINGS, length, "Content-Length: 3") + "{}", "400"),
                Arguments.of("negative length", Wire.head(EMBEDDINGS, "Content-Length: -1"), "400"),
                Arguments.of("length that is no number", Wire.head(EMBEDDINGS, "Content-Length: 2x") + "{}", "400"),
                Arguments.of("length over the bound", Wire.head(EMBEDDINGS, "Content-Length: 9999999999"), "413"),
                Arguments.of("huge length", Wire.head(EMBEDDINGS, "Content-Length: " + "9".repeat(30)), "400"),
                Arguments.of("bad chunk", Wire.head(EMBEDDINGS, "Transfer-Encoding: chunked") + "zz\r\n", ""),
                Arguments.of("header bomb", Wire.head(EMBEDDINGS, bomb()), "431"),
                Arguments.of("one huge header", Wire.head(EMBEDDINGS, "X-A: " + "a".repeat(40_000)), "431"),
                Arguments.of("huge line", "GET /v1/" + "a".repeat(10_000) + " HTTP/1.1\r\n\r\n", "414"),
                Arguments.of("NUL in a header", Wire.head(EMBEDDINGS, "X-A: a\0b", length) + "{}", "400"),
                Arguments.of("no HTTP", "\u0016\u0003\u0001\r\n\r\n", ""));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("heads")
    void refusesTheHeadAndClosesTheConnection(String name, String request, String status) throws IOException {
        try (Wire wire = new Wire(gateway.port())) {
            wire.trySend(request);
            assertThat(wire.status()).matches(status.isEmpty() ? "" : "HTTP/1[.][01] " + status + " .*");
            wire.rest();
            Await.until(
                    "nothing is left of it",
                    () -> gateway.harness.telemetry().scrape().contains("penstock_http_requests_in_flight 0.0"));
        }
    }

    private static Arguments body(String name, String path, String body) {
        return Arguments.of(name, path, body.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] bytes(String latin) {
        return latin.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String deep(String open, String close) {
        return open.repeat(5000) + close.repeat(5000);
    }

    private static String[] bomb() {
        return Stream.iterate(0, i -> i + 1)
                .limit(2000)
                .map(i -> "X-Header-" + i + ": " + "a".repeat(20))
                .toArray(String[]::new);
    }
}
