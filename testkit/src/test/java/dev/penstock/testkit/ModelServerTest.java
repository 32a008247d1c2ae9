package dev.penstock.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.ext.web.client.WebClient;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ModelServerTest {
    private final Vertx vertx = Vertx.vertx();
    private final WebClient web = WebClient.create(vertx);
    private ModelServer server;

    @BeforeEach
    void start() {
        server = Await.result(ModelServer.start(vertx));
    }

    @AfterEach
    void stop() {
        Await.result(vertx.close());
    }

    @Test
    void recordsCallsAndLetsTheSandboxAnswer() {
        HttpResponse<Buffer> answer = Await.result(embed("hello"));
        assertThat(answer.bodyAsJsonObject().getString("model")).isEqualTo("sandbox-embed");
        ModelServer.Received call = server.received().getFirst();
        assertThat(call.path()).isEqualTo("/v1/embeddings");
        assertThat(call.json().getJsonArray("input")).isEqualTo(new JsonArray().add("hello"));
        assertThat(call.header("content-type")).isEqualTo("application/json");
    }

    @Test
    void repliesInTheOrderOfTheScriptThenByTheFunction() {
        server.next(Reply.rateLimited(Duration.ofMillis(1500)), Reply.error(500, "broken", "No."))
                .answer(_ -> Reply.text(200, "text/plain", "otherwise"));
        HttpResponse<Buffer> limited = Await.result(embed("a"));
        assertThat(limited.statusCode()).isEqualTo(429);
        assertThat(limited.getHeader("retry-after")).isEqualTo("2");
        assertThat(limited.getHeader("retry-after-ms")).isEqualTo("1500");
        assertThat(Await.result(embed("b")).statusCode()).isEqualTo(500);
        assertThat(Await.result(embed("c")).bodyAsString()).isEqualTo("otherwise");
        assertThat(server.reset().calls()).isZero();
    }

    @Test
    void poisonFailsTheWholeCallThatHoldsIt() {
        server.poison("POISON");
        assertThat(Await.result(embed("clean")).statusCode()).isEqualTo(200);
        assertThat(Await.result(embed("clean", "a POISON pill")).statusCode()).isEqualTo(400);
    }

    @Test
    void cutsABodyInTheMiddle() {
        server.next(
                Reply.json(200, new JsonObject().put("long", "x".repeat(1000))).cutAfter(100), Reply.hangUp());
        assertThat(Await.failure(embed("a"))).isNotNull();
        assertThat(Await.failure(embed("b"))).isNotNull();
    }

    @Test
    void delaysAndCountsCallersWhoHangUpMeanwhile() {
        server.next(Reply.sandbox().after(Duration.ofMillis(80)), Reply.stall());
        long before = System.nanoTime();
        assertThat(Await.result(embed("a")).statusCode()).isEqualTo(200);
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThan(Duration.ofMillis(75));

        Future<HttpResponse<Buffer>> stalled = web.post(server.port(), "127.0.0.1", "/v1/embeddings")
                .timeout(100)
                .sendJsonObject(new JsonObject());
        Await.failure(stalled);
        Await.until("the server has seen the caller go", () -> server.hangUps() == 1);
    }

    @Test
    void streamsFramesAsTheyAre() {
        server.next(Reply.chatStream(List.of("Hel", "lo")).gap(Duration.ofMillis(5)), Reply.malformedStream());
        String stream = Await.result(embed("a")).bodyAsString();
        assertThat(stream)
                .contains("\"role\":\"assistant\"")
                .contains("\"content\":\"Hel\"")
                .endsWith("data: [DONE]\n\n");
        assertThat(Await.result(embed("a")).bodyAsString()).endsWith("data: {\"choices\":[{\"delta\":\n\n");
    }

    @Test
    void cutsAStreamInTheMiddle() {
        server.next(Reply.chatStream(List.of("Hel", "lo")).cutAfter(2));
        assertThat(Await.failure(embed("a"))).isNotNull();
        assertThat(server.hangUps()).isZero();
    }

    private Future<HttpResponse<Buffer>> embed(String... texts) {
        JsonObject body = new JsonObject().put("model", "sandbox-embed").put("input", new JsonArray(List.of(texts)));
        return web.post(server.port(), "127.0.0.1", "/v1/embeddings").sendJsonObject(body);
    }
}
