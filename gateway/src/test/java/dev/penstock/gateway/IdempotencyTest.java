package dev.penstock.gateway;

import static dev.penstock.gateway.EmbeddingsTest.header;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.common.contract.CacheContract.CacheKey;
import dev.penstock.common.contract.CacheContract.CacheType;
import dev.penstock.testkit.Await;
import dev.penstock.testkit.Reply;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IdempotencyTest {
    private static final String CHAT = "/v1/chat/completions";
    private static final String ASK = """
            {"model":"org/chat","messages":[{"role":"user","content":"hi"}]}""";
    private static final String STREAM = """
            {"model":"org/chat","stream":true,"messages":[{"role":"user","content":"hi"}]}""";

    @TempDir
    Path folder;

    private GatewayFixture gateway;
    private FakeBatching batching;
    private FakeCache cache;

    @BeforeEach
    void start() {
        gateway = new GatewayFixture(folder, "");
        batching = gateway.batching();
        cache = gateway.cache();
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    @ParameterizedTest
    @CsvSource({
        "/v1/chat/completions, messages",
        "/v1/completions, prompt",
        "/v1/responses, input",
        "/v1/messages, messages"
    })
    void theSecondOfAKeyGetsTheFirstAnswerWithoutACallOrACost(String path, String subject) {
        String said = subject.equals("messages") ? "[{\"role\":\"user\",\"content\":\"hi\"}]" : "\"hi\"";
        String body = "{\"model\":\"org/chat\",\"max_tokens\":50,\"" + subject + "\":" + said + "}";
        String same = "{\"" + subject + "\":" + said + ", \"max_tokens\":50, \"model\":\"org/chat\"}";
        HttpResponse<String> first = gateway.post(path, body, "Idempotency-Key", "k-1");
        kept(1);
        HttpResponse<String> second = gateway.post(path, same, "Idempotency-Key", "k-1", "X-Penstock-Cache", "off");

        assertThat(first.statusCode()).as(first.body()).isEqualTo(200);
        assertThat(first.headers().firstValue("idempotent-replayed")).isEmpty();
        assertThat(second.body()).isEqualTo(first.body());
        assertThat(header(second, "idempotent-replayed")).isEqualTo("true");
        assertThat(header(second, "cache-status")).startsWith("penstock-idempotency; hit; ttl=");
        assertThat(header(second, "x-penstock-cost")).isEqualTo("0");
        assertThat(header(second, "x-penstock-model")).isEqualTo("org/chat");
        assertThat(gateway.model.calls()).isEqualTo(1);
        assertThat(batching.leases).hasSize(1);
    }

    @Test
    void whoComesWhileTheFirstIsAtWorkGetsItsAnswer() throws Exception {
        gateway.model.next(Reply.sandbox().after(Duration.ofMillis(500)));
        List<CompletableFuture<HttpResponse<String>>> calls = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            calls.add(gateway.postLater(CHAT, ASK, "Idempotency-Key", "k"));
        }
        List<String> bodies = new ArrayList<>();
        for (var call : calls) {
            bodies.add(call.get(10, TimeUnit.SECONDS).body());
        }
        assertThat(bodies).allMatch(bodies.getFirst()::equals);
        assertThat(gateway.model.calls()).isEqualTo(1);
    }

    @Test
    void anotherBodyUnderAKeyIsRefusedAndAnotherEndpointIsAnotherMatter() {
        gateway.post(CHAT, ASK, "Idempotency-Key", "k");
        kept(1);
        HttpResponse<String> other = gateway.post(CHAT, ASK.replace("hi", "ho"), "Idempotency-Key", "k");

        assertThat(other.statusCode()).isEqualTo(422);
        JsonObject error = new JsonObject(other.body()).getJsonObject("error");
        assertThat(error.getString("param")).isEqualTo("Idempotency-Key");
        assertThat(error.getString("code")).isEqualTo("idempotency_key_reused");
        assertThat(gateway.post(
                                "/v1/messages",
                                ASK.replace("{\"model", "{\"max_tokens\":9,\"model"),
                                "Idempotency-Key",
                                "k")
                        .statusCode())
                .isEqualTo(200);
        assertThat(gateway.model.calls()).isEqualTo(2);
    }

    @Test
    void aFailureIsNotKept() {
        gateway.model.next(Reply.error(400, "bad", "no"));
        assertThat(gateway.post(CHAT, ASK, "Idempotency-Key", "k").statusCode()).isEqualTo(400);
        Await.until("the key is free", () -> cache.abandoned.size() == 1);
        HttpResponse<String> second = gateway.post(CHAT, ASK, "Idempotency-Key", "k");
        assertThat(second.statusCode()).isEqualTo(200);
        assertThat(second.headers().firstValue("idempotent-replayed")).isEmpty();
    }

    @Test
    void keysThatAreEmptyOrTooLongAreRefusedBeforeAnyWork() {
        for (String key : List.of("", "k".repeat(256))) {
            HttpResponse<String> refused = gateway.post(CHAT, ASK, "Idempotency-Key", key);
            assertThat(refused.statusCode()).isEqualTo(400);
            assertThat(refused.body()).contains("Idempotency-Key must have 1 to 255 characters");
        }
        assertThat(gateway.model.calls()).isZero();
        assertThat(gateway.post(CHAT, ASK, "Idempotency-Key", "k".repeat(255)).statusCode())
                .isEqualTo(200);
    }

    @Test
    void anEndedStreamIsGivenAgainEventByEvent() {
        HttpResponse<String> first = gateway.post(CHAT, STREAM, "Idempotency-Key", "s");
        kept(1);
        HttpResponse<String> second = gateway.post(CHAT, STREAM, "Idempotency-Key", "s");

        assertThat(first.body()).endsWith("data: [DONE]\n\n");
        assertThat(second.body()).isEqualTo(first.body());
        assertThat(header(second, "content-type")).startsWith("text/event-stream");
        assertThat(header(second, "idempotent-replayed")).isEqualTo("true");
        assertThat(gateway.model.calls()).isEqualTo(1);
    }

    @Test
    void aStreamThatStillRunsIsNotJoined() throws Exception {
        gateway.model.next(Reply.sandbox().after(Duration.ofSeconds(1)));
        CompletableFuture<HttpResponse<String>> first = gateway.postLater(CHAT, STREAM, "Idempotency-Key", "s");
        Await.until("the first is at work", () -> gateway.model.calls() == 1);
        HttpResponse<String> second = gateway.post(CHAT, STREAM, "Idempotency-Key", "s");

        assertThat(second.statusCode()).isEqualTo(409);
        assertThat(new JsonObject(second.body()).getJsonObject("error").getString("code"))
                .isEqualTo("conflict");
        assertThat(first.get(10, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
        assertThat(gateway.model.calls()).isEqualTo(1);
    }

    @Test
    void theAnswerIsKeptForACallerWhoseConnectionBroke() {
        gateway.model.next(Reply.sandbox().after(Duration.ofMillis(500)));
        CompletableFuture<HttpResponse<String>> first = gateway.postLater(CHAT, ASK, "Idempotency-Key", "k");
        Await.until("the first is at work", () -> gateway.model.calls() == 1);
        first.cancel(true);
        HttpResponse<String> second = gateway.post(CHAT, ASK, "Idempotency-Key", "k");

        assertThat(second.statusCode()).isEqualTo(200);
        assertThat(gateway.model.calls()).isEqualTo(1);
    }

    private void kept(int entries) {
        Await.until(
                "the answer is kept",
                () -> cache.entries.keySet().stream()
                                .map(CacheKey::type)
                                .filter(CacheType.IDEMPOTENCY::equals)
                                .count()
                        == entries);
    }
}
