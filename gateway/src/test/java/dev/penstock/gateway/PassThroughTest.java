package dev.penstock.gateway;

import static dev.penstock.gateway.EmbeddingsTest.header;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.common.contract.BatchContract.CallEnd;
import dev.penstock.common.contract.Operation;
import dev.penstock.testkit.Await;
import dev.penstock.testkit.Reply;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The endpoints that one instance answers in the caller's own form. */
class PassThroughTest {
    private static final String RANK = """
            {"model":"rank","query":"water","documents":["a dam","a turbine","water"],"top_n":2}""";

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
    @CsvSource(
            delimiter = '|',
            value = {
                "/v1/completions|{\"model\":\"org/chat\",\"prompt\":\"hi\"}|COMPLETIONS|choices",
                "/v1/responses|{\"model\":\"org/chat\",\"input\":\"hi\"}|RESPONSES|output",
                "/v1/responses|{\"model\":\"org/chat\",\"input\":[{\"role\":\"user\",\"content\":[{\"type\":\"input_text\","
                        + "\"text\":\"hi\"}]}]}|RESPONSES|output",
                "/v1/moderations|{\"model\":\"judge\",\"input\":\"hi\"}|MODERATIONS|results",
                "/v1/moderations|{\"input\":[\"a\",\"b\"]}|MODERATIONS|results",
                "/v1/rerank|{\"model\":\"rank\",\"query\":\"q\",\"documents\":[\"a\",{\"text\":\"b\"}]}|RERANK|results",
                "/v2/rerank|{\"model\":\"rank\",\"query\":\"q\",\"documents\":[\"a\"]}|RERANK|results",
                "/v1/classify|{\"model\":\"label\",\"input\":[\"good\"]}|CLASSIFY|data",
            })
    void answersUnderALeaseInTheFormOfTheEndpoint(String path, String body, Operation operation, String field) {
        HttpResponse<String> response = gateway.post(path, body);

        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        assertThat(new JsonObject(response.body()).getJsonArray(field)).isNotEmpty();
        assertThat(batching.leases.getFirst().operation()).isEqualTo(operation);
        assertThat(header(response, "x-penstock-instance")).isEqualTo("one");
        assertThat(header(response, "x-request-id")).isNotEmpty();
        Await.until("the lease is given back", () -> batching.releases.size() == 1);
        assertThat(batching.releases.getFirst().end()).isEqualTo(CallEnd.SUCCESS);
        if (operation != Operation.MODERATIONS) {
            assertThat(batching.releases.getFirst().usage().inputTokens()).isPositive();
        }
        assertThat(gateway.model.received().getFirst().json().getString("model"))
                .startsWith("sandbox-");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/v1/completions|{\"model\":\"org/chat\"}|prompt",
                "/v1/completions|{\"model\":\"org/chat\",\"prompt\":{}}|prompt",
                "/v1/completions|{\"model\":\"org/chat\",\"prompt\":\"a\",\"n\":1000000000000}|n",
                "/v1/completions|{\"model\":\"org/chat\",\"prompt\":\"a\",\"max_tokens\":-1}|max_tokens",
                "/v1/completions|{\"model\":\"org/chat\",\"prompt\":\"a\",\"temperature\":1e9}|temperature",
                "/v1/completions|{\"model\":\"org/chat\",\"prompt\":\"a\",\"stream\":\"yes\"}|stream",
                "/v1/completions|{\"prompt\":\"a\"}|model",
                "/v1/responses|{\"model\":\"org/chat\"}|input",
                "/v1/responses|{\"model\":\"org/chat\",\"input\":[1]}|input[0]",
                "/v1/responses|{\"model\":\"org/chat\",\"input\":\"a\",\"max_output_tokens\":0}|max_output_tokens",
                "/v1/moderations|{\"input\":[]}|input",
                "/v1/moderations|{\"input\":7}|input",
                "/v1/moderations|{}|input",
                "/v1/rerank|{\"documents\":[\"a\"]}|query",
                "/v1/rerank|{\"query\":\"a\"}|documents",
                "/v1/rerank|{\"query\":\"a\",\"documents\":\"b\"}|documents",
                "/v1/rerank|{\"query\":\"a\",\"documents\":[7]}|documents[0]",
                "/v1/rerank|{\"query\":[\"a\"],\"documents\":[\"b\"]}|query",
                "/v1/rerank|{\"query\":\"a\",\"documents\":[\"b\"],\"top_n\":0}|top_n",
                "/v1/classify|{}|input",
                "/v1/classify|{\"input\":[{}]}|input[0]",
                "/v1/classify|{\"model\":\"org/chat\",\"input\":\"a\"}|model",
            })
    void namesTheFieldThatIsWrong(String path, String body, String param) {
        HttpResponse<String> response = gateway.post(path, body);

        assertThat(response.statusCode()).isEqualTo(400);
        JsonObject error = new JsonObject(response.body()).getJsonObject("error");
        assertThat(error.getString("param")).isEqualTo(param);
        assertThat(error.getString("type")).isEqualTo("invalid_request_error");
        assertThat(gateway.model.calls()).isZero();
    }

    @Test
    void streamsCompletionsWithUsageOnlyForWhoAsks() {
        String body = "{\"model\":\"org/chat\",\"prompt\":\"hi\",\"stream\":true%s}";
        String without = gateway.post("/v1/completions", body.formatted("")).body();
        assertThat(without)
                .contains("text_completion")
                .doesNotContain("\"choices\":[]")
                .endsWith("data: [DONE]\n\n");
        String with = gateway.post("/v1/completions", body.formatted(",\"stream_options\":{\"include_usage\":true}"))
                .body();
        assertThat(with).contains("\"choices\":[],\"usage\":{\"prompt_tokens\"");
        Await.until("both are given back", () -> batching.releases.size() == 2);
        assertThat(batching.releases.getFirst().usage().outputTokens()).isPositive();
    }

    @Test
    void streamsResponsesAsTheirTypedEventsAndWithoutAMark() {
        HttpResponse<String> response =
                gateway.post("/v1/responses", "{\"model\":\"org/chat\",\"input\":\"hi\",\"stream\":true}");

        assertThat(header(response, "content-type")).startsWith("text/event-stream");
        assertThat(response.body())
                .startsWith("event: response.created\ndata: {\"type\":\"response.created\"")
                .contains("event: response.output_text.delta\n")
                .contains("event: response.completed\n")
                .doesNotContain("[DONE]");
        Await.until("the lease is given back", () -> batching.releases.size() == 1);
        assertThat(batching.releases.getFirst().usage().outputTokens()).isPositive();
    }

    @Test
    void aResponseThatBreaksOffEndsWithAnErrorEvent() {
        gateway.model.next(Reply.stream(
                        List.of(
                                "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{}}",
                                "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"delta\":\"a\"}"))
                .cutAfter(2));
        HttpResponse<String> response =
                gateway.post("/v1/responses", "{\"model\":\"org/chat\",\"input\":\"hi\",\"stream\":true}");

        assertThat(response.body()).contains("event: error\ndata: {\"type\":\"error\",\"code\":\"upstream_error\"");
        Await.until("the lease is given back", () -> batching.releases.size() == 1);
        assertThat(batching.releases.getFirst().end()).isEqualTo(CallEnd.FAILURE);
    }

    @Test
    void theSameRankingIsDoneOnceAndKept() {
        FakeCache cache = gateway.cache();
        List<CompletableFuture<HttpResponse<String>>> asked = List.of(
                gateway.postLater("/v1/rerank", RANK),
                gateway.postLater("/v1/rerank", RANK),
                gateway.postLater("/v1/rerank", RANK));
        List<String> bodies = asked.stream().map(each -> each.join().body()).toList();

        assertThat(bodies).allMatch(body -> body.equals(bodies.getFirst()));
        assertThat(gateway.model.calls()).isEqualTo(1);
        HttpResponse<String> again = gateway.post("/v1/rerank", RANK);
        assertThat(header(again, "cache-status")).contains("hit");
        assertThat(cache).isNotNull();
    }

    @Test
    void storedResponsesAreRefusedWithTheReason() {
        HttpResponse<String> response = gateway.get("/v1/responses/resp_1");
        assertThat(response.statusCode()).isEqualTo(404);
        assertThat(new JsonObject(response.body()).getJsonObject("error").getString("message"))
                .contains("provider");
    }

    @Test
    void keepsTheBackendsOwnWordForARefusal() {
        gateway.model.next(Reply.error(400, "context_length_exceeded", "Too long."));
        HttpResponse<String> response = gateway.post("/v1/completions", "{\"model\":\"org/chat\",\"prompt\":\"hi\"}");
        JsonObject error = new JsonObject(response.body()).getJsonObject("error");
        assertThat(error.getString("code")).isEqualTo("context_length_exceeded");
        assertThat(error.getString("message")).isEqualTo("Too long.");
    }

    @Test
    void anAnswerOfAnotherKindIsTheServersFault() {
        gateway.model.next(Reply.json(200, new JsonObject().put("hello", 1)));
        assertThat(gateway.post("/v1/moderations", "{\"input\":\"a\"}").statusCode())
                .isEqualTo(502);
    }
}
