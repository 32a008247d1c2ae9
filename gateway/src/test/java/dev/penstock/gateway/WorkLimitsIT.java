package dev.penstock.gateway;

import static dev.penstock.gateway.EmbeddingsTest.header;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.testkit.Await;
import dev.penstock.testkit.Reply;
import dev.penstock.testkit.TestServers;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.redis.client.Command;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Limits on what models do: tokens, and calls under way. A key named here sees its own counts alone. */
class WorkLimitsIT {
    private static final int TOKENS = 1_000;

    @TempDir
    Path folder;

    private GatewayFixture gateway;
    private String key;

    @BeforeEach
    void start() {
        String redis = TestServers.freshRedis();
        gateway = new GatewayFixture(
                folder, """
                limits:
                  - {name: org/chat, tokens-per-minute: 1000, tokens-per-hour: 100000}
                  - {name: chat, per-minute: 1000}
                  - {name: all, concurrent: 2}
                redis: {url: "%s"}
                """.formatted(redis), redis, TestServers.freshDatabase().url());
        gateway.batching();
        var context = gateway.harness.context();
        Await.until(
                "the stores answer",
                () -> context.redis().available() && context.postgres().available());
        HttpResponse<String> made = gateway.post("/api/admin/keys", "{\"name\":\"limited\",\"role\":\"user\"}");
        assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
        key = "Bearer " + new JsonObject(made.body()).getString("key");
        Await.until(
                "the key is known",
                () -> gateway.get("/v1/models", "Authorization", key).statusCode() == 200);
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    @Test
    void whatWasSetAsideAndNotUsedComesBack() {
        gateway.model.answer(ignored -> answer(30));
        HttpResponse<String> first = chat(900);
        assertThat(first.statusCode()).as(first.body()).isEqualTo(200);
        assertThat(header(first, "x-ratelimit-limit-tokens")).isEqualTo("1000");
        assertThat(Long.parseLong(header(first, "x-ratelimit-remaining-tokens")))
                .isLessThan(100);
        awaitLeft(TOKENS - 30);
    }

    @Test
    void whatWasUsedBeyondTheEstimateMakesTheNextCallWait() {
        gateway.model.answer(ignored -> answer(1_500));
        assertThat(chat(10).statusCode()).isEqualTo(200);
        Await.until("what was used is settled", () -> chat(1).statusCode() == 429);
        HttpResponse<String> refused = chat(1);
        assertThat(header(refused, "x-ratelimit-remaining-tokens")).isEqualTo("0");
        assertThat(header(refused, "x-ratelimit-window")).isEqualTo("minute");
        long millis = Long.parseLong(header(refused, "retry-after-ms"));
        assertThat(millis).isBetween(1L, 63_000L);
        assertThat(header(refused, "retry-after")).isEqualTo(Long.toString((millis + 999) / 1_000));
        assertThat(header(refused, "x-should-retry")).isEqualTo(millis > 60_000 ? "false" : "");
        JsonObject error = new JsonObject(refused.body()).getJsonObject("error");
        assertThat(error.getString("type")).isEqualTo("tokens");
        assertThat(error.getValue("param")).isNull();
        assertThat(error.getString("code")).isEqualTo("rate_limit_exceeded");
        assertThat(error.getString("message")).contains("1000 tokens per minute");
    }

    @Test
    void aCallThatNeedsMoreThanTheWholeLimitIsToldSoAndNotToRetry() {
        HttpResponse<String> refused = chat(5_000);
        assertThat(refused.statusCode()).isEqualTo(413);
        assertThat(refused.headers().firstValue("retry-after")).isEmpty();
        assertThat(new JsonObject(refused.body()).getJsonObject("error").getString("message"))
                .contains("the limit is 1000 per minute", "max_tokens");
        assertThat(gateway.model.calls()).isZero();
        awaitLeft(TOKENS);
    }

    @Test
    void anErrorOfTheModelCostsNothing() {
        gateway.model.answer(ignored -> Reply.error(400, "bad", "No."));
        assertThat(chat(900).statusCode()).isEqualTo(400);
        awaitLeft(TOKENS);
    }

    @Test
    void aCallerWhoHangsUpInTheMiddleGivesBackWhatWasNotWritten() throws IOException {
        gateway.model.next(Reply.chatStream(List.of("a", "b", "c")).gap(Duration.ofSeconds(30)));
        Wire wire = asking(900);
        assertThat(wire.status()).isEqualTo("HTTP/1.1 200 OK");
        wire.close();
        Await.until("most of it is back", () -> left() > TOKENS - 100);
        Await.until("so is the slot", () -> under() == 0);
    }

    @Test
    void callsUnderWayAreLimitedAndARefusalSetsNothingAside() throws IOException {
        gateway.model.next(Reply.stall(), Reply.stall());
        Wire one = asking(10);
        Wire two = asking(10);
        Await.until("both are under way", () -> gateway.model.calls() == 2);
        HttpResponse<String> refused = chat(500);
        assertThat(refused.statusCode()).isEqualTo(429);
        JsonObject error = new JsonObject(refused.body()).getJsonObject("error");
        assertThat(error.getString("message")).contains("2 calls at once");
        assertThat(header(refused, "retry-after")).isEqualTo("1");
        one.close();
        two.close();
        Await.until("the slots are free", () -> chat(10).statusCode() == 200);
        Await.until("nothing else is left", () -> left() > TOKENS - 300);
    }

    @Test
    void whatTokensRefuseGivesItsSlotBack() {
        gateway.model.answer(ignored -> answer(2_000));
        assertThat(chat(10).statusCode()).isEqualTo(200);
        Await.until("there are no tokens left", () -> chat(10).statusCode() == 429);
        for (int i = 0; i < 5; i++) {
            assertThat(chat(10).body()).contains("tokens per minute");
        }
        Await.until("no slot is held", () -> under() == 0);
    }

    @Test
    void slotsAreExactInARace() {
        gateway.model.answer(ignored -> answer(1).after(Duration.ofMillis(1_500)));
        List<CompletableFuture<HttpResponse<String>>> calls = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            calls.add(gateway.postLater("/v1/chat/completions", body(1), "Authorization", key));
        }
        assertThat(calls.stream().filter(call -> call.join().statusCode() == 200))
                .hasSize(2);
    }

    /** Tokens that the minute has left, by what Redis holds. */
    private long left() {
        long used = 0;
        for (Map.Entry<String, String> field : hash(":tokens").entrySet()) {
            if (field.getKey().startsWith("60000:")) {
                used += Long.parseLong(field.getValue());
            }
        }
        return TOKENS - used;
    }

    private void awaitLeft(long tokens) {
        Await.until(tokens + " are left", () -> left() == tokens);
    }

    /** Calls under way, by what Redis holds. */
    private long under() {
        return hash(":slots").entrySet().stream()
                .filter(field -> field.getKey().startsWith("n"))
                .mapToLong(field -> Long.parseLong(field.getValue()))
                .sum();
    }

    private Map<String, String> hash(String end) {
        var redis = gateway.harness.context().redis();
        Map<String, String> all = new HashMap<>();
        for (var name : Await.result(redis.send(Command.KEYS, "penstock:{limit:key:*" + end))) {
            var stored = Await.result(redis.send(Command.HGETALL, name.toString()));
            for (String field : stored.getKeys()) {
                all.put(field, stored.get(field).toString());
            }
        }
        return all;
    }

    private HttpResponse<String> chat(int most) {
        return gateway.post("/v1/chat/completions", body(most), "Authorization", key);
    }

    private static String body(int most) {
        return "{\"model\":\"org/chat\",\"max_tokens\":" + most
                + ",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
    }

    private Wire asking(int most) throws IOException {
        String body = body(most).replace("\"model\"", "\"stream\":true,\"model\"");
        Wire wire = new Wire(gateway.port());
        wire.send(Wire.head("/v1/chat/completions", "Content-Length: " + body.length())
                        .replace("Bearer " + GatewayFixture.KEY, key))
                .send(body);
        return wire;
    }

    /** A chat that used that many tokens. */
    private static Reply answer(int tokens) {
        JsonObject message = new JsonObject().put("role", "assistant").put("content", "hello");
        JsonObject choice =
                new JsonObject().put("index", 0).put("message", message).put("finish_reason", "stop");
        JsonObject usage = new JsonObject()
                .put("prompt_tokens", 0)
                .put("completion_tokens", tokens)
                .put("total_tokens", tokens);
        return Reply.json(
                200,
                new JsonObject()
                        .put("id", "chatcmpl-1")
                        .put("object", "chat.completion")
                        .put("created", 1)
                        .put("model", "sandbox-chat")
                        .put("choices", new JsonArray().add(choice))
                        .put("usage", usage));
    }
}
