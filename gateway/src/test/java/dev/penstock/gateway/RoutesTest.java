package dev.penstock.gateway;

import static dev.penstock.gateway.EmbeddingsTest.header;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.testkit.Await;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Plain routes over HTTP, between a real gateway and real upstreams. */
class RoutesTest {
    private static final Vertx VERTX = Vertx.vertx();
    private static Upstream one;
    private static Upstream two;
    private static NetServer noise;
    private static GatewayFixture gateway;

    @BeforeAll
    static void start(@TempDir Path folder) {
        one = new Upstream(VERTX, "one");
        two = new Upstream(VERTX, "two");
        noise = VERTX.createNetServer(new NetServerOptions().setHost("127.0.0.1"))
                .connectHandler(socket -> socket.handler(any -> socket.write("garbage\r\n\r\n")));
        Await.result(noise.listen(0));
        String alone =
                "pool: {instances: [{name: one, url: \"http://127.0.0.1:%d/base\"}], outlier: {failures: 100}, retries: {floor: 1000}}"
                        .formatted(one.port());
        String pair =
                "pool: {balancing: round-robin, outlier: {failures: 100}, retries: {floor: 1000}, instances: [{name: one, url: \"http://127.0.0.1:%d\"}, {name: two, url: \"http://127.0.0.1:%d\"}]}"
                        .formatted(one.port(), two.port());
        gateway = new GatewayFixture(folder, """
                protection:
                  rules: {traversal: "off", split: "off"}
                routes:
                  - name: shop
                    prefix: /shop
                    path: {strip: true}
                    %1$s
                    websocket: true
                    timeouts: {idle: 500ms, total: 20s}
                    request-headers: {set: {X-Route: "{route}/{key-id}", X-Secret: "${SHOP_SECRET:-s3cret}"}, remove: [X-Gone]}
                    response-headers: {set: {X-Shop: "{upstream}"}, remove: [X-Powered-By]}
                  - name: deep
                    prefix: /shop/deep
                    path: {replace: /inner}
                    %1$s
                  - name: pair
                    prefix: /pair
                    %2$s
                  - name: open
                    prefix: /open
                    auth: {open: true}
                    %1$s
                  - name: staff
                    prefix: /staff
                    auth: {role: admin}
                    methods: [GET]
                    %1$s
                  - name: upload
                    prefix: /upload
                    max-body: 64KiB
                    content-types: [application/pdf, image/*]
                    %1$s
                  - name: checked
                    prefix: /checked
                    validation: {schema: '{"type":"object","required":["input"],"properties":{"input":{"type":"string"}}}', max-body: 1KiB}
                    %1$s
                  - name: dead
                    prefix: /dead
                    pool: {instances: [{name: nobody, url: "http://127.0.0.1:1"}]}
                  - name: garbage
                    prefix: /garbage
                    pool: {instances: [{name: noise, url: "http://127.0.0.1:%3$d"}]}
                  - name: slow
                    prefix: /slow
                    pool: {instances: [{name: one, url: "http://127.0.0.1:%4$d"}], connections: {timeout: 300ms}}
                """.formatted(alone, pair, noise.actualPort(), one.port()));
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

    @Test
    void passesMethodPathQueryHeadersAndBodyAndSaysWhoAnswered() {
        HttpResponse<String> response = gateway.send(gateway.request(
                        "/shop/cart%2f1/a%7eb?q=%2F&x",
                        "X-Own", "kept", "X-Gone", "x", "Cookie", "a=1; penstock_session=x")
                .method("PUT", BodyPublishers.ofString("hello"))
                .build());
        assertThat(response.statusCode()).isEqualTo(200);
        JsonObject seen = new JsonObject(response.body());
        assertThat(seen.getString("method")).isEqualTo("PUT");
        assertThat(seen.getString("uri")).isEqualTo("/base/cart%2F1/a~b?q=%2F&x");
        assertThat(seen.getString("body")).isEqualTo("hello");
        JsonObject headers = seen.getJsonObject("headers");
        assertThat(headers.getString("x-own")).isEqualTo("kept");
        assertThat(headers.getString("content-length")).isEqualTo("5");
        assertThat(headers.getString("host")).isEqualTo("127.0.0.1:" + one.port());
        assertThat(headers.getString("x-forwarded-for")).isEqualTo("127.0.0.1");
        assertThat(headers.getString("forwarded")).startsWith("for=127.0.0.1;proto=http");
        assertThat(headers.getString("via")).isEqualTo("1.1 penstock");
        assertThat(headers.getString("x-route")).isEqualTo("shop/key_admin");
        assertThat(headers.getString("cookie")).isEqualTo("a=1");
        assertThat(headers.fieldNames()).doesNotContain("authorization", "x-gone", "transfer-encoding");
        assertThat(headers.getString("x-request-id")).isEqualTo(header(response, "x-request-id"));
        assertThat(header(response, "x-penstock-instance")).isEqualTo("one");
        assertThat(header(response, "x-penstock-attempts")).isEqualTo("1");
        assertThat(header(response, "server-timing")).contains("upstream;dur=");
        assertThat(header(response, "x-shop")).isEqualTo("one");
        assertThat(gateway.harness.telemetry().scrape())
                .contains("route=\"shop\"")
                .doesNotContain("cart");
    }

    @ParameterizedTest
    @CsvSource({
        "/shop/deep/x,/base/inner/x",
        "/shop/deeper,/base/deeper",
        "/shop,/base/",
        "/shop/a/../b,/base/b",
        "/shop/%2e%2e/open/y,/base/open/y",
        "/shop//evil,/base/evil"
    })
    void takesTheLongestPrefixOfTheOneFormOfAPath(String path, String uri) throws IOException {
        try (Wire wire = new Wire(gateway.port())) {
            wire.send("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer "
                    + GatewayFixture.KEY + "\r\n\r\n");
            assertThat(wire.rest()).startsWith("HTTP/1.1 200").contains("\"uri\":\"" + uri + "\"");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/shop/..%2fadmin", "/shop/%2e%2e%2fx", "/shop/..;/x", "/shop/a%00", "/shop/a%zz", "/shop/a\\b"})
    void refusesPathsThatTwoServersMayReadInTwoWays(String path) throws IOException {
        try (Wire wire = new Wire(gateway.port())) {
            wire.send("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer "
                    + GatewayFixture.KEY + "\r\n\r\n");
            assertThat(wire.rest()).startsWith("HTTP/1.1 400");
        }
        assertThat(one.seen).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Transfer-Encoding: xchunked",
                "Transfer-Encoding: chunked, identity",
                "Content-Length: 3\r\nContent-Length: 4",
                "Content-Length: +3",
                "Host: other"
            })
    void refusesShapesThatSmuggle(String lines) throws IOException {
        try (Wire wire = new Wire(gateway.port())) {
            wire.send(Wire.head("/shop/echo", lines) + "0\r\n\r\nGET /shop/smuggled HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(wire.rest()).startsWith("HTTP/1.1 400").doesNotContain("HTTP/1.1 200");
        }
        assertThat(one.seen).noneMatch(seen -> seen.uri().contains("smuggled"));
    }

    @Test
    void takesAbsoluteTargetsAndTakesNothingOutOfReservedPaths() throws IOException {
        try (Wire wire = new Wire(gateway.port())) {
            wire.send("GET http://shop.example/shop/x HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n"
                    + "Authorization: Bearer " + GatewayFixture.KEY + "\r\n\r\n");
            assertThat(wire.rest()).startsWith("HTTP/1.1 200").contains("/base/x");
        }
        assertThat(gateway.get("/shop/../v1/models").statusCode()).isEqualTo(404);
        assertThat(gateway.get("/shopping").statusCode()).isEqualTo(404);
    }

    @Test
    void takesHopByHopHeadersAwayBothWaysAndKeepsTheRest() throws IOException {
        try (Wire wire = new Wire(gateway.port())) {
            wire.send(
                    "GET /shop/hop HTTP/1.1\r\nHost: x\r\nConnection: close, x-mine\r\nX-Mine: 1\r\nTE: trailers, gzip\r\n"
                            + "X-Forwarded-For: 6.6.6.6\r\nX-Penstock-Tag: t\r\nAuthorization: Bearer "
                            + GatewayFixture.KEY
                            + "\r\n\r\n");
            String answer = wire.rest();
            assertThat(answer).startsWith("HTTP/1.1 200").contains("x-kept: yes", "set-cookie: a=1", "set-cookie: b=2");
            assertThat(answer).contains("cache-control: max-age=60", "via: 1.1 penstock");
            assertThat(answer).doesNotContain("x-secret", "keep-alive", "no-store", "content-security-policy");
        }
        var headers = one.seen.getFirst().headers();
        assertThat(headers.contains("x-mine")).isFalse();
        assertThat(headers.get("te")).isEqualTo("trailers");
        assertThat(headers.get("x-forwarded-for")).isEqualTo("127.0.0.1");
        assertThat(headers.contains("x-penstock-tag")).isFalse();
    }

    @Test
    void leavesRedirectsEmptyAnswersAndHeadsAsTheyAre() {
        assertThat(header(gateway.get("/shop/redirect"), "location")).isEqualTo("/elsewhere");
        HttpResponse<String> empty = gateway.get("/shop/empty");
        assertThat(empty.statusCode()).isEqualTo(204);
        HttpResponse<String> unchanged = gateway.get("/shop/unchanged");
        assertThat(unchanged.statusCode()).isEqualTo(304);
        assertThat(header(unchanged, "etag")).isEqualTo("\"1\"");
        HttpResponse<String> head = gateway.send(gateway.request("/shop/sized")
                .method("HEAD", BodyPublishers.noBody())
                .build());
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
        assertThat(header(head, "content-length")).isEqualTo("42");
        assertThat(gateway.get("/shop/busy").body()).isEqualTo("busy");
    }

    @Test
    void passesChunksAndTrailers() throws IOException {
        try (Wire wire = new Wire(gateway.port())) {
            wire.send("POST /shop/chunks HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n"
                    + "Authorization: Bearer " + GatewayFixture.KEY + "\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
            assertThat(wire.rest()).contains("transfer-encoding: chunked", "one,", "two", "x-sum: 3");
        }
        assertThat(one.seen.getFirst().headers().get("transfer-encoding")).isEqualTo("chunked");
    }

    @Test
    void repeatsWhatMayBeRepeatedElsewhereAndNothingElse() {
        one.failures.set(1);
        two.failures.set(0);
        for (int i = 0; i < 2; i++) {
            HttpResponse<String> get = gateway.get("/pair/flaky");
            assertThat(get.statusCode()).isEqualTo(200);
        }
        assertThat(one.seen.size() + two.seen.size()).isEqualTo(3);
        one.failures.set(2);
        two.failures.set(2);
        int posts = one.seen.size() + two.seen.size();
        assertThat(gateway.post("/pair/flaky", "{}").statusCode()).isEqualTo(502);
        assertThat(one.seen.size() + two.seen.size()).isEqualTo(posts + 1);
        one.failures.set(0);
        two.failures.set(0);
    }

    @Test
    void repeatsAPostWithAnIdempotencyKeyWithItsBody() {
        // Whoever is asked first breaks off, whoever is asked then does not.
        Upstream.anyFailures.set(1);
        HttpResponse<String> response = gateway.post("/pair/flaky", "{\"a\":1}", "Idempotency-Key", "k");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(header(response, "x-penstock-attempts")).isEqualTo("2");
        assertThat(one.seen).hasSize(1);
        assertThat(two.seen).hasSize(1);
        assertThat(Stream.of(one, two).map(upstream -> upstream.seen.getFirst().headers()))
                .allMatch(headers -> headers.get("content-length").equals("7"))
                .allMatch(headers -> headers.get("idempotency-key").equals("k"));
    }

    @Test
    void tellsHonestlyWhatWentWrongBeforeTheFirstByte() {
        HttpResponse<String> dead = gateway.get("/dead/x");
        assertThat(dead.statusCode()).isIn(502, 503);
        assertThat(header(dead, "content-type")).isEqualTo("application/problem+json");
        assertThat(gateway.get("/garbage/x").statusCode()).isEqualTo(502);
        assertThat(gateway.get("/slow/stall").statusCode()).isEqualTo(504);
    }

    @Test
    void cutsTheConnectionWhereAnAnswerBreaksOff() throws IOException {
        try (Wire wire = new Wire(gateway.port())) {
            wire.send("GET /shop/half HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + GatewayFixture.KEY + "\r\n\r\n");
            String answer = wire.rest();
            assertThat(answer)
                    .startsWith("HTTP/1.1 200")
                    .contains("content-length: 100")
                    .doesNotContain("\"status\"");
        }
        Await.until(
                "it is settled",
                () -> gateway.harness.telemetry().scrape().contains("penstock_http_requests_in_flight 0.0"));
    }

    @Test
    void stopsTheUpstreamWhenTheCallerHangsUp() throws IOException {
        int before = one.aborted.get();
        try (Wire wire = new Wire(gateway.port())) {
            wire.send("GET /shop/endless HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + GatewayFixture.KEY
                    + "\r\n\r\n");
            assertThat(wire.status()).startsWith("HTTP/1.1 200");
        }
        Await.until("the upstream is told", () -> one.aborted.get() > before);
    }

    @Test
    void letsInByKeyRoleMethodAndOpenness() {
        assertThat(gateway.send(HttpRequest.newBuilder(
                                        gateway.request("/shop/x").build().uri())
                                .build())
                        .statusCode())
                .isEqualTo(401);
        HttpResponse<String> open = gateway.send(
                HttpRequest.newBuilder(gateway.request("/open/x").build().uri())
                        .header("Authorization", "Basic abc")
                        .build());
        assertThat(open.statusCode()).isEqualTo(200);
        assertThat(new JsonObject(open.body()).getJsonObject("headers").getString("authorization"))
                .isEqualTo("Basic abc");
        assertThat(new JsonObject(gateway.get("/open/x").body())
                        .getJsonObject("headers")
                        .fieldNames())
                .doesNotContain("authorization");
        assertThat(gateway.get("/staff/x").statusCode()).isEqualTo(200);
        HttpResponse<String> wrong = gateway.post("/staff/x", "{}");
        assertThat(wrong.statusCode()).isEqualTo(405);
        assertThat(header(wrong, "allow")).isEqualTo("GET");
    }

    @Test
    void judgesUploadsByTypeContentAndSize() {
        byte[] pdf = "%PDF-1.7 and so on".getBytes(StandardCharsets.US_ASCII);
        assertThat(upload("application/pdf", pdf)).isEqualTo(200);
        assertThat(upload("text/html", pdf)).isEqualTo(415);
        assertThat(upload("application/pdf", "<html>no</html>".getBytes(StandardCharsets.US_ASCII)))
                .isEqualTo(415);
        byte[] most = Arrays.copyOf(pdf, 64 * 1024);
        assertThat(upload("application/pdf", most)).isEqualTo(200);
        int calls = one.seen.size();
        assertThat(upload("application/pdf", Arrays.copyOf(pdf, 64 * 1024 + 1))).isEqualTo(413);
        assertThat(one.seen).hasSize(calls);
    }

    private static int upload(String type, byte[] body) {
        return gateway.send(gateway.request("/upload/file", "Content-Type", type)
                        .POST(BodyPublishers.ofByteArray(body))
                        .build())
                .statusCode();
    }

    @Test
    void checksBodiesBySchemaBeforeTheUpstreamSeesThem() {
        assertThat(gateway.post("/checked/x", "{\"input\":\"x\"}").statusCode()).isEqualTo(200);
        assertThat(one.seen).hasSize(1);
        HttpResponse<String> wrong = gateway.post("/checked/x", "{\"input\":7}");
        assertThat(wrong.statusCode()).isEqualTo(400);
        assertThat(new JsonObject(wrong.body()).getString("param")).isEqualTo("/input");
        assertThat(wrong.body()).contains("'type'");
        assertThat(gateway.post("/checked/x", "{}").body()).contains("required");
        assertThat(gateway.post("/checked/x", "nonsense").statusCode()).isEqualTo(400);
        assertThat(gateway.post("/checked/x", "{\"input\":\"" + "x".repeat(2000) + "\"}")
                        .statusCode())
                .isEqualTo(413);
        assertThat(one.seen).hasSize(1);
    }

    @Test
    void asksForTheBodyOnlyOnceItWillBeTaken() throws IOException {
        try (Wire wire = new Wire(gateway.port())) {
            wire.send(Wire.head("/upload/x", "Expect: 100-continue", "Content-Length: 5")
                    .replace("application/json", "text/html"));
            assertThat(wire.status()).startsWith("HTTP/1.1 415");
        }
        try (Wire wire = new Wire(gateway.port())) {
            wire.send(Wire.head("/shop/x", "Expect: 100-continue", "Content-Length: 5", "Connection: close"));
            assertThat(wire.status()).startsWith("HTTP/1.1 100");
            wire.send("hello");
            assertThat(wire.rest()).contains("HTTP/1.1 200", "\"body\":\"hello\"");
        }
    }

    @Test
    void reusesConnections() {
        one.connections.clear();
        for (int i = 0; i < 200; i++) {
            assertThat(gateway.get("/shop/x").statusCode()).isEqualTo(200);
        }
        assertThat(one.connections).hasSizeLessThanOrEqualTo(4);
    }

    @Test
    void passesWebSocketsWithTheirSubprotocolAndHidesTheKey() throws Exception {
        Listener listener = new Listener();
        WebSocket socket = gateway.client()
                .newWebSocketBuilder()
                .subprotocols("penstock.v1", "bearer." + GatewayFixture.KEY, "chat")
                .buildAsync(URI.create("ws://127.0.0.1:" + gateway.port() + "/shop/socket"), listener)
                .get(10, TimeUnit.SECONDS);
        assertThat(socket.getSubprotocol()).isEqualTo("chat");
        socket.sendText("hi", true).get(10, TimeUnit.SECONDS);
        assertThat(listener.text.get(10, TimeUnit.SECONDS)).isEqualTo("one:hi");
        assertThat(one.seen.getFirst().headers().get("sec-websocket-protocol")).isEqualTo("chat");
        socket.sendClose(4001, "bye").get(10, TimeUnit.SECONDS);
        assertThat(listener.closed.get(10, TimeUnit.SECONDS)).isEqualTo(4001);
        Await.until(
                "the socket is counted out",
                () -> gateway.harness.telemetry().scrape().contains("penstock_route_sockets_open 0.0"));
    }

    @Test
    void endsSilentWebSockets() throws Exception {
        Listener listener = new Listener();
        gateway.client()
                .newWebSocketBuilder()
                .header("Authorization", "Bearer " + GatewayFixture.KEY)
                .buildAsync(URI.create("ws://127.0.0.1:" + gateway.port() + "/shop/socket"), listener)
                .get(10, TimeUnit.SECONDS);
        assertThat(listener.closed.get(10, TimeUnit.SECONDS)).isNotZero();
    }

    static final class Listener implements WebSocket.Listener {
        final CompletableFuture<String> text = new CompletableFuture<>();
        final CompletableFuture<Integer> closed = new CompletableFuture<>();

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            text.complete(data.toString());
            socket.request(1);
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            closed.complete(code);
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public void onError(WebSocket socket, Throwable error) {
            closed.complete(1006);
        }
    }
}
