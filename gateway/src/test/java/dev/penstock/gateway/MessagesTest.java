package dev.penstock.gateway;

import static dev.penstock.gateway.EmbeddingsTest.header;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.common.contract.BatchContract.CallEnd;
import dev.penstock.testkit.Await;
import dev.penstock.testkit.ModelServer.Received;
import dev.penstock.testkit.Reply;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Anthropic's API, served and called. */
class MessagesTest {
    private static final String ASK = """
            {"model":"%s","max_tokens":64,"messages":[{"role":"user","content":"hi"}]%s}""";

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

    @ParameterizedTest
    @ValueSource(strings = {"claude", "org/chat"})
    void aMessageIsAnsweredWhateverTheServerSpeaks(String model) {
        HttpResponse<String> response = messages(ASK.formatted(model, ""));

        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        JsonObject message = new JsonObject(response.body());
        assertThat(message.getString("type")).isEqualTo("message");
        assertThat(message.getString("stop_reason")).isEqualTo("end_turn");
        assertThat(message.getJsonArray("content").getJsonObject(0).getString("text"))
                .contains("hi");
        assertThat(message.getJsonObject("usage").getInteger("output_tokens")).isPositive();
        assertThat(header(response, "request-id")).isEqualTo(header(response, "x-request-id"));
        Await.until("the lease is given back", () -> batching.releases.size() == 1);
        assertThat(batching.releases.getFirst().usage().outputTokens()).isPositive();
    }

    @ParameterizedTest
    @ValueSource(strings = {"claude", "org/chat"})
    void aStreamHasAnthropicsEventsInTheirOrder(String model) {
        String body = messages(ASK.formatted(model, ",\"stream\":true")).body();

        assertThat(body).startsWith("event: message_start\ndata: {\"type\":\"message_start\"");
        assertThat(body).contains("event: content_block_start\n", "\"type\":\"text_delta\"", "event: message_delta\n");
        assertThat(body).endsWith("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");
        Await.until("the lease is given back", () -> batching.releases.size() == 1);
        assertThat(batching.releases.getFirst().usage().outputTokens()).isPositive();
    }

    @Test
    void anthropicIsCalledWithItsOwnHeadersAndTheCallersVersion() {
        HttpResponse<String> response = gateway.post(
                "/v1/messages?beta=true",
                ASK.formatted("claude", ""),
                "anthropic-version",
                "2023-01-01",
                "anthropic-beta",
                "tools-2024-05-16");

        assertThat(response.statusCode()).isEqualTo(200);
        Received call = gateway.model.received().getFirst();
        assertThat(call.header("x-api-key")).isEqualTo("sk-ant");
        assertThat(call.header("authorization")).isEmpty();
        assertThat(call.header("anthropic-version")).isEqualTo("2023-01-01");
        assertThat(call.header("anthropic-beta")).isEqualTo("tools-2024-05-16");
        assertThat(call.body()).isEqualTo(ASK.formatted("sandbox-chat-claude", ""));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"model\":\"claude\",\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}|400|invalid_request_error",
                "{\"model\":\"claude\",\"max_tokens\":0,\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}|400|invalid_request_error",
                "{\"model\":\"claude\",\"max_tokens\":9,\"messages\":[]}|400|invalid_request_error",
                "{\"model\":\"nobody\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}|404|not_found_error",
                "{|400|invalid_request_error",
            })
    void errorsHaveAnthropicsBody(String body, int status, String type) {
        error(messages(body), status, type);
    }

    @Test
    void strangersAndWrongMethodsAndOverloadHaveAnthropicsBodyToo() {
        error(gateway.post("/v1/messages", "{}", "Authorization", "Bearer psk-nobody"), 401, "authentication_error");
        error(gateway.get("/v1/messages"), 405, "invalid_request_error");
        error(gateway.get("/v1/messages/batches"), 404, "not_found_error");
        gateway.model.answer(call -> Reply.error(529, "overloaded_error", "Overloaded"));
        HttpResponse<String> busy = messages(ASK.formatted("claude", ""));
        error(busy, 529, "overloaded_error");
        assertThat(header(busy, "retry-after")).isNotEmpty();
    }

    @Test
    void aStreamThatBreaksOffEndsWithAnErrorEvent() {
        gateway.model.next(
                Reply.stream(List.of("event: message_start\ndata: {\"type\":\"message_start\",\"message\":{}}"))
                        .cutAfter(1));
        assertThat(messages(ASK.formatted("claude", ",\"stream\":true")).body())
                .endsWith("event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"api_error\","
                        + "\"message\":\"The model's answer broke off.\"}}\n\n");
        Await.until("the lease is given back", () -> batching.releases.size() == 1);
        assertThat(batching.releases.getFirst().end()).isEqualTo(CallEnd.FAILURE);
    }

    @Test
    void tokensAreCountedByTheServerOrGuessedAndLabelledSo() {
        String body = "{\"model\":\"%s\",\"messages\":[{\"role\":\"user\",\"content\":\"some words to count\"}]}";
        HttpResponse<String> counted = gateway.post("/v1/messages/count_tokens", body.formatted("claude"));
        assertThat(new JsonObject(counted.body()).getInteger("input_tokens")).isPositive();
        assertThat(header(counted, "x-penstock-estimated")).isEmpty();
        HttpResponse<String> guessed = gateway.post("/v1/messages/count_tokens", body.formatted("org/chat"));
        assertThat(new JsonObject(guessed.body()).getInteger("input_tokens")).isPositive();
        assertThat(header(guessed, "x-penstock-estimated")).isEqualTo("true");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aChatIsAnsweredByAnthropic(boolean stream) {
        HttpResponse<String> response = gateway.post(
                "/v1/chat/completions",
                "{\"model\":\"claude\",\"stream\":" + stream
                        + ",\"stream_options\":{\"include_usage\":true},\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}");

        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        assertThat(gateway.model.received().getFirst().path()).isEqualTo("/v1/messages");
        assertThat(gateway.model.received().getFirst().json().getInteger("max_tokens"))
                .isEqualTo(4096);
        if (stream) {
            assertThat(response.body()).contains("\"finish_reason\":\"stop\"").endsWith("data: [DONE]\n\n");
            assertThat(response.body()).contains("\"choices\":[],\"usage\":{\"prompt_tokens\"");
        } else {
            JsonObject chat = new JsonObject(response.body());
            assertThat(chat.getJsonObject("usage").getInteger("total_tokens")).isPositive();
        }
    }

    private HttpResponse<String> messages(String body) {
        return gateway.post("/v1/messages", body, "anthropic-version", "2023-06-01");
    }

    private static void error(HttpResponse<String> response, int status, String type) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        JsonObject body = new JsonObject(response.body());
        assertThat(body.getString("type")).isEqualTo("error");
        assertThat(body.getJsonObject("error").getString("type")).isEqualTo(type);
        assertThat(body.getJsonObject("error").getString("message")).isNotEmpty();
        assertThat(body.getString("request_id")).isEqualTo(header(response, "request-id"));
    }
}
