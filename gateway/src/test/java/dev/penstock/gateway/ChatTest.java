package dev.penstock.gateway;

import static dev.penstock.gateway.EmbeddingsTest.header;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.common.contract.BatchContract.CallEnd;
import dev.penstock.testkit.Await;
import dev.penstock.testkit.Reply;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChatTest {
    private static final String ASK = """
            {"model":"org/chat","messages":[{"role":"user","content":"hi"}]}""";
    private static final String STREAM = """
            {"model":"org/chat","stream":true,"messages":[{"role":"user","content":"hi"}]}""";
    private static final String SURE = """
            {"model":"org/chat","temperature":0,"messages":[{"role":"user","content":"hi"}]}""";

    @TempDir
    Path folder;

    private GatewayFixture gateway;
    private FakeBatching batching;

    @BeforeEach
    void start() {
        gateway = new GatewayFixture(folder, "");
        batching = gateway.batching();
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    @Test
    void forwardsTheBodyUnchangedButForTheModelsName() {
        HttpResponse<String> response = chat(ASK);

        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        assertThat(gateway.model.received().getFirst().body()).isEqualTo(ASK.replace("org/chat", "sandbox-chat"));
        assertThat(new JsonObject(response.body()).getJsonArray("choices")).isNotEmpty();
        assertThat(header(response, "cache-status")).isEqualTo("penstock; fwd=bypass");
        assertThat(header(response, "x-penstock-instance")).isEqualTo("one");
        assertThat(header(response, "x-penstock-attempts")).isEqualTo("1");
        Await.until("the lease is given back", () -> batching.releases.size() == 1);
        assertThat(batching.releases.getFirst().end()).isEqualTo(CallEnd.SUCCESS);
        assertThat(batching.releases.getFirst().usage().inputTokens()).isPositive();
    }

    @Test
    void goesToAnotherInstanceOnARefusal() {
        gateway.model.next(Reply.error(503, "overloaded", "busy"));
        HttpResponse<String> response = chat(ASK);

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(header(response, "x-penstock-attempts")).isEqualTo("2");
        assertThat(header(response, "x-penstock-instance")).isEqualTo("two");
        assertThat(batching.leases.get(1).exclude()).containsExactly("one");
        Await.until("both are given back", () -> batching.releases.size() == 2);
    }

    @Test
    void tellsTheSdkNotToRetryWhatWasRetried() {
        gateway.model.next(Reply.error(503, "overloaded", "busy"), Reply.error(502, "bad", "broken"));
        HttpResponse<String> response = chat(ASK);

        assertThat(response.statusCode()).isEqualTo(502);
        assertThat(header(response, "x-should-retry")).isEqualTo("false");
        JsonObject error = new JsonObject(response.body()).getJsonObject("error");
        assertThat(error.getString("type")).isEqualTo("server_error");
        assertThat(error.getString("code")).isEqualTo("upstream_error");
    }

    @Test
    void doesNotRepeatAChatThatMayHaveBeenDone() {
        gateway.model.next(Reply.hangUp());
        assertThat(chat(ASK).statusCode()).isEqualTo(502);
        assertThat(gateway.model.calls()).isEqualTo(1);

        gateway.model.next(Reply.hangUp());
        assertThat(chat(ASK, "Idempotency-Key", "k").statusCode()).isEqualTo(200);
    }

    @Test
    void passesTheModelsOwnRefusalOn() {
        gateway.model.next(Reply.error(400, "context_length_exceeded", "too long"));
        HttpResponse<String> response = chat(ASK);
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).contains("too long");
        Await.until("given back", () -> batching.releases.size() == 1);
        assertThat(batching.releases.getFirst().end()).isEqualTo(CallEnd.NEUTRAL);
    }

    @Test
    void deterministicChatsAreSharedAndCached() throws Exception {
        FakeCache cache = gateway.cache();
        gateway.model.next(Reply.sandbox().after(Duration.ofMillis(300)));
        List<CompletableFuture<HttpResponse<String>>> calls = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            calls.add(gateway.postLater("/v1/chat/completions", SURE));
        }
        for (var call : calls) {
            assertThat(call.get(10, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
        }
        assertThat(gateway.model.calls()).isEqualTo(1);
        cache.beat();
        String reordered = """
                {"messages":[{"content":"hi","role":"user"}],"user":"u","temperature":0,"model":"org/chat"}""";
        Await.until("it is near", () -> header(chat(reordered), "cache-status").startsWith("penstock-l1; hit"));
        assertThat(gateway.model.calls()).isEqualTo(1);
    }

    @Test
    void passesAStreamOnAndHidesTheUsageThatNobodyAskedFor() throws Exception {
        gateway.model.next(Reply.stream(frames()));
        HttpResponse<String> response = gateway.send(gateway.posting("/v1/chat/completions", STREAM));

        assertThat(header(response, "content-type")).isEqualTo("text/event-stream; charset=utf-8");
        assertThat(header(response, "x-accel-buffering")).isEqualTo("no");
        assertThat(response.body()).isEqualTo(frames().get(0) + "\n\n" + frames().get(1) + "\n\n" + "data: [DONE]\n\n");
        assertThat(gateway.model.received().getFirst().json().getJsonObject("stream_options"))
                .isEqualTo(new JsonObject().put("include_usage", true));
        Await.until("given back", () -> batching.releases.size() == 1);
        assertThat(batching.releases.getFirst().usage().outputTokens()).isEqualTo(2);
    }

    @Test
    void passesTheUsageOnToWhoAskedForIt() {
        gateway.model.next(Reply.stream(frames()));
        String asked = STREAM.replace("\"stream\":true", "\"stream\":true,\"stream_options\":{\"include_usage\":true}");
        assertThat(chat(asked).body()).contains("\"completion_tokens\":2");
    }

    @Test
    void theFirstTokenComesAtOnceAndAHangUpReachesTheModel() throws Exception {
        gateway.model.next(Reply.chatStream(List.of("a", "b", "c", "d", "e", "f", "g", "h"))
                .gap(Duration.ofMillis(400)));
        HttpResponse<InputStream> response =
                gateway.client().send(gateway.posting("/v1/chat/completions", STREAM), BodyHandlers.ofInputStream());
        long start = System.nanoTime();
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
            assertThat(lines.readLine()).startsWith("data: {");
            assertThat(System.nanoTime() - start)
                    .isLessThan(Duration.ofMillis(350).toNanos());
        }
        Await.until("the model sees the hang-up", () -> gateway.model.hangUps() == 1);
        Await.until("the lease is given back", () -> batching.releases.size() == 1);
        assertThat(batching.releases.getFirst().end()).isEqualTo(CallEnd.NEUTRAL);
    }

    @Test
    void renewsTheLeaseOfALongCall() {
        gateway.model.next(Reply.sandbox().after(Duration.ofMillis(500)));
        chat(ASK);
        assertThat(batching.renews).isNotEmpty();
        assertThat(batching.renews.getFirst().leases()).hasSize(1);
    }

    @Test
    void aStreamThatBreaksOffEndsWithAnErrorEventAndDone() {
        gateway.model.next(Reply.chatStream(List.of("a", "b")).cutAfter(2));
        String body = chat(STREAM).body();
        String[] events = body.split("\n\n", -1);
        assertThat(events[events.length - 2]).isEqualTo("data: [DONE]");
        assertThat(events[events.length - 3]).startsWith("data: {\"error\":{").contains("upstream_error");
        assertThat(body).endsWith("\n\n");
    }

    @Test
    void aStreamThatFailsBeforeItsFirstEventIsAnHonestStatus() {
        gateway.model.next(
                Reply.stream(List.of()).cutAfter(0), Reply.stream(List.of()).cutAfter(0));
        assertThat(chat(STREAM).statusCode()).isEqualTo(502);
    }

    @Test
    void aModelThatDoesNotAnswerInTimeIsATimeout() {
        gateway.model.next(Reply.stall());
        HttpResponse<String> response = chat(ASK, "X-Penstock-Timeout", "0.3");
        assertThat(response.statusCode()).isEqualTo(504);
        Await.until("the model sees it", () -> gateway.model.hangUps() == 1);
    }

    private HttpResponse<String> chat(String body, String... headers) {
        return gateway.post("/v1/chat/completions", body, headers);
    }

    private static List<String> frames() {
        return List.of(
                "data: {\"id\":\"x\",\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,\"delta\":"
                        + "{\"role\":\"assistant\",\"content\":\"a\"},\"finish_reason\":null}],\"usage\":null}",
                "data: {\"id\":\"x\",\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,\"delta\":{},"
                        + "\"finish_reason\":\"stop\"}],\"usage\":null}",
                "data: {\"id\":\"x\",\"object\":\"chat.completion.chunk\",\"choices\":[],\"usage\":"
                        + "{\"prompt_tokens\":1,\"completion_tokens\":2,\"total_tokens\":3}}",
                "data: [DONE]");
    }
}
