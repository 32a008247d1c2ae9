package dev.penstock.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.ext.web.client.WebClient;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SandboxServerTest {
    private static Vertx vertx;
    private static WebClient web;
    private static HttpClientAgent http;

    private SandboxServer server;

    @BeforeAll
    static void open() {
        vertx = Vertx.vertx();
        http = vertx.createHttpClient(new PoolOptions().setHttp1MaxSize(100));
        web = WebClient.wrap(http);
    }

    @AfterAll
    static void shut() {
        await(vertx.close());
    }

    @BeforeEach
    void start() {
        server = await(SandboxServer.start(vertx, SandboxOptions.DEFAULTS.withBehaviour(Behaviour.INSTANT)));
    }

    @AfterEach
    void stop() {
        await(server.close());
    }

    @Test
    void listsItsModels() {
        JsonArray data = get("/v1/models").getJsonArray("data");
        assertThat(data.stream().map(model -> ((JsonObject) model).getString("id")))
                .containsExactlyInAnyOrder(
                        "sandbox-chat", "sandbox-embed", "sandbox-classify", "sandbox-moderation", "sandbox-rerank");
        assertThat(get("/v1/models/sandbox-chat").getString("object")).isEqualTo("model");
    }

    @Test
    void base64AndFloatEmbeddingsAreTheSameNumbersInInputOrder() {
        JsonObject body = embed(new JsonArray().add("first").add("second")).put("dimensions", 64);
        JsonArray floats = post("/v1/embeddings", body).getJsonArray("data");
        JsonArray packed = post("/v1/embeddings", body.copy().put("encoding_format", "base64"))
                .getJsonArray("data");
        for (int i = 0; i < 2; i++) {
            ByteBuffer bytes = ByteBuffer.wrap(
                            Base64.getDecoder().decode(packed.getJsonObject(i).getString("embedding")))
                    .order(ByteOrder.LITTLE_ENDIAN);
            JsonArray vector = floats.getJsonObject(i).getJsonArray("embedding");
            assertThat(vector.size()).isEqualTo(64);
            for (int k = 0; k < 64; k++) {
                assertThat(bytes.getFloat()).isEqualTo(vector.getFloat(k));
            }
            assertThat(floats.getJsonObject(i).getInteger("index")).isEqualTo(i);
        }
    }

    @Test
    void takesTokenNumbersInBothForms() {
        JsonArray one = new JsonArray().add(1).add(2).add(3);
        JsonObject single = post("/v1/embeddings", embed(one));
        JsonObject many = post("/v1/embeddings", embed(new JsonArray().add(one).add(new JsonArray().add(9))));
        assertThat(single.getJsonArray("data").size()).isEqualTo(1);
        assertThat(many.getJsonArray("data").size()).isEqualTo(2);
        assertThat(many.getJsonArray("data").getJsonObject(0).getJsonArray("embedding"))
                .isEqualTo(single.getJsonArray("data").getJsonObject(0).getJsonArray("embedding"));
        assertThat(many.getJsonObject("usage").getInteger("total_tokens")).isEqualTo(4);
        assertThat(server.items()).isEqualTo(3);
        assertThat(server.largestBatch()).isEqualTo(2);
    }

    @Test
    void answersAChatDeterministicallyAndHonoursMaxTokens() {
        JsonObject first = post("/v1/chat/completions", chat("tell me about rivers"));
        JsonObject again = post("/v1/chat/completions", chat("tell me about rivers"));
        String content = content(first);
        assertThat(content).contains("sandbox").contains("tell me about rivers").isEqualTo(content(again));
        assertThat(first.getString("model")).isEqualTo("sandbox-chat");
        assertThat(first.getJsonObject("usage").getInteger("prompt_tokens")).isEqualTo(5);

        JsonObject cut =
                post("/v1/chat/completions", chat("tell me about rivers").put("max_tokens", 3));
        assertThat(content(cut)).isEqualTo(content.substring(0, 12));
        assertThat(cut.getJsonArray("choices").getJsonObject(0).getString("finish_reason"))
                .isEqualTo("length");
        assertThat(cut.getJsonObject("usage").getInteger("completion_tokens")).isEqualTo(3);
    }

    @Test
    void streamsTheSameTextWithRoleFirstFinishReasonUsageAndDone() {
        JsonObject body = chat("naïve 🚀🚀🚀🚀 text");
        String whole = content(post("/v1/chat/completions", body));
        JsonObject streamed =
                body.copy().put("stream", true).put("stream_options", new JsonObject().put("include_usage", true));
        HttpResponse<Buffer> response = await(
                web.post(server.port(), "127.0.0.1", "/v1/chat/completions").sendJsonObject(streamed));
        assertThat(response.getHeader("content-type")).startsWith("text/event-stream");
        List<String> frames = List.of(response.bodyAsString().split("\n\n", -1));
        assertThat(frames.getLast()).isEmpty();
        assertThat(frames.get(frames.size() - 2)).isEqualTo("data: [DONE]");
        List<JsonObject> events = frames.subList(0, frames.size() - 2).stream()
                .map(frame -> new JsonObject(frame.substring("data: ".length())))
                .toList();
        assertThat(delta(events.getFirst()).getString("role")).isEqualTo("assistant");
        StringBuilder text = new StringBuilder();
        events.subList(0, events.size() - 1)
                .forEach(event -> text.append(delta(event).getString("content", "")));
        assertThat(text.toString()).isEqualTo(whole);
        JsonObject last = events.getLast();
        assertThat(last.getJsonArray("choices")).isEmpty();
        assertThat(last.getJsonObject("usage").getInteger("completion_tokens")).isEqualTo(events.size() - 3);
        JsonObject finish = events.get(events.size() - 2);
        assertThat(finish.getJsonArray("choices").getJsonObject(0).getString("finish_reason"))
                .isEqualTo("stop");
    }

    @Test
    void stopsGeneratingWhenTheCallerHangsUp() throws Exception {
        server.behave(Behaviour.INSTANT.withTokensPerSecond(100).withCompletionTokens(10_000));
        HttpClientRequest request =
                await(http.request(HttpMethod.POST, server.port(), "127.0.0.1", "/v1/chat/completions"));
        CountDownLatch first = new CountDownLatch(1);
        request.send(chat("hello").put("stream", true).toBuffer())
                .onSuccess(response -> response.handler(_ -> first.countDown()));
        assertThat(first.await(5, TimeUnit.SECONDS)).isTrue();
        until(() -> server.tokens() > 2);
        assertThat(server.inFlight()).isEqualTo(1);
        await(request.connection().close());
        until(() -> server.cancelled() == 1 && server.inFlight() == 0);
        assertThat(server.tokens()).isLessThan(1000);
    }

    @Test
    void aCallCostsABasePlusItsItems() {
        server.behave(Behaviour.INSTANT.withServiceTime(50, 5));
        long before = System.nanoTime();
        post("/v1/embeddings", embed(new JsonArray(List.of("a", "b", "c", "d", "e", "f", "g", "h", "i", "j"))));
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThanOrEqualTo(Duration.ofMillis(99));
    }

    @Test
    void slotsLetOthersWaitAndAFullQueueIsRefused() {
        await(web.post(server.port(), "127.0.0.1", "/sandbox/behaviour")
                .sendJsonObject(
                        new JsonObject().put("base_ms", 40).put("slots", 1).put("queue_limit", 2)));
        List<Future<HttpResponse<Buffer>>> calls = new ArrayList<>();
        long before = System.nanoTime();
        for (int i = 0; i < 4; i++) {
            calls.add(web.post(server.port(), "127.0.0.1", "/v1/embeddings").sendJsonObject(embed("text " + i)));
        }
        List<Integer> statuses =
                calls.stream().map(call -> await(call).statusCode()).sorted().toList();
        assertThat(statuses).containsExactly(200, 200, 200, 503);
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThanOrEqualTo(Duration.ofMillis(118));
    }

    @Test
    void failsAndStallsAsTold() {
        server.behave(Behaviour.INSTANT.withErrors(1, 429));
        HttpResponse<Buffer> refused =
                await(web.post(server.port(), "127.0.0.1", "/v1/embeddings").sendJsonObject(embed("text")));
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(refused.getHeader("retry-after-ms")).isEqualTo("1000");
        assertThat(refused.bodyAsJsonObject().getJsonObject("error").getString("type"))
                .isEqualTo("requests");

        server.behave(Behaviour.INSTANT.withStalls(1));
        Future<HttpResponse<Buffer>> stalled = web.post(server.port(), "127.0.0.1", "/v1/embeddings")
                .timeout(200)
                .sendJsonObject(embed("text"));
        until(stalled::failed);
        until(() -> server.cancelled() == 1);
        JsonObject stats = get("/sandbox/stats");
        assertThat(stats.getInteger("errors")).isEqualTo(1);
        assertThat(stats.getInteger("stalled")).isEqualTo(1);
        assertThat(stats.getJsonObject("calls_by_endpoint").getInteger("embeddings"))
                .isEqualTo(2);
    }

    @Test
    void classifies() {
        JsonObject answer = post(
                "/v1/classify",
                new JsonObject()
                        .put("model", "sandbox-classify")
                        .put(
                                "input",
                                new JsonArray().add("I love this great river").add("awful, broken, wrong")));
        assertThat(answer.getJsonArray("data").getJsonObject(0).getString("label"))
                .isEqualTo("positive");
        assertThat(answer.getJsonArray("data").getJsonObject(1).getString("label"))
                .isEqualTo("negative");
    }

    @Test
    void mistakesOfTheCallerGetOpenAiErrors() {
        assertFault("/v1/embeddings", embed(new JsonArray()), 400, null);
        assertFault("/v1/embeddings", embed(""), 400, null);
        assertFault("/v1/embeddings", new JsonObject().put("model", "gpt-4").put("input", "x"), 404, "model_not_found");
        assertFault("/v1/chat/completions", new JsonObject().put("model", "sandbox-chat"), 400, null);
        assertFault("/v1/nothing", new JsonObject(), 404, "not_found");
        assertFault("/sandbox/behaviour", new JsonObject().put("base", 1), 400, null);
        HttpResponse<Buffer> garbage =
                await(web.post(server.port(), "127.0.0.1", "/v1/embeddings").sendBuffer(Buffer.buffer("{nonsense")));
        assertThat(garbage.statusCode()).isEqualTo(400);
    }

    @Test
    void takesLargeBodiesAndRefusesTooLargeOnes() {
        JsonObject large = embed("word ".repeat(2_000_000));
        assertThat(post("/v1/embeddings", large).getJsonArray("data").size()).isEqualTo(1);
        HttpResponse<Buffer> refused = await(web.post(server.port(), "127.0.0.1", "/v1/embeddings")
                .sendBuffer(Buffer.buffer(new byte[SandboxOptions.MAX_BODY_BYTES + 1])));
        assertThat(refused.statusCode()).isEqualTo(413);
    }

    private void assertFault(String path, JsonObject body, int status, String code) {
        HttpResponse<Buffer> response =
                await(web.post(server.port(), "127.0.0.1", path).sendJsonObject(body));
        assertThat(response.statusCode()).as(path + " " + body).isEqualTo(status);
        JsonObject error = response.bodyAsJsonObject().getJsonObject("error");
        assertThat(error.getString("type")).isEqualTo("invalid_request_error");
        assertThat(error.getString("message")).isNotEmpty();
        assertThat(error.getString("code")).isEqualTo(code);
    }

    private JsonObject get(String path) {
        return await(web.get(server.port(), "127.0.0.1", path).send()).bodyAsJsonObject();
    }

    private JsonObject post(String path, JsonObject body) {
        HttpResponse<Buffer> response =
                await(web.post(server.port(), "127.0.0.1", path).sendJsonObject(body));
        assertThat(response.statusCode()).as(response.bodyAsString()).isEqualTo(200);
        return response.bodyAsJsonObject();
    }

    private static JsonObject embed(Object input) {
        return new JsonObject().put("model", "sandbox-embed").put("input", input);
    }

    private static JsonObject chat(String text) {
        return new JsonObject()
                .put("model", "sandbox-chat")
                .put(
                        "messages",
                        new JsonArray().add(new JsonObject().put("role", "user").put("content", text)));
    }

    private static String content(JsonObject answer) {
        return answer.getJsonArray("choices")
                .getJsonObject(0)
                .getJsonObject("message")
                .getString("content");
    }

    private static JsonObject delta(JsonObject event) {
        return event.getJsonArray("choices").getJsonObject(0).getJsonObject("delta");
    }

    private static <T> T await(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static void until(BooleanSupplier condition) {
        long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - deadline).as("time left").isNegative();
            LockSupport.parkNanos(2_000_000);
        }
    }
}
