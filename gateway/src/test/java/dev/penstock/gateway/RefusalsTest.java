package dev.penstock.gateway;

import static dev.penstock.gateway.EmbeddingsTest.header;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.testkit.Await;
import dev.penstock.testkit.Reply;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RefusalsTest {
    @TempDir
    Path folder;

    private GatewayFixture gateway;

    @BeforeEach
    void start() {
        gateway = new GatewayFixture(folder, "limits: [{name: models, per-minute: 3}]\n");
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/v1/embeddings|{|400||invalid_request_error|valid JSON",
                "/v1/embeddings|[]|400||invalid_request_error|JSON object",
                "/v1/embeddings|{}|400|model|invalid_request_error|'model' is required",
                "/v1/embeddings|{\"model\":\"embed\"}|400|input|invalid_request_error|'input' is required",
                "/v1/embeddings|{\"model\":\"embed\",\"input\":[]}|400|input|invalid_request_error|empty",
                "/v1/embeddings|{\"model\":\"embed\",\"input\":[\"a\",1]}|400|input[1]|invalid_request_error|kind",
                "/v1/embeddings|{\"model\":\"embed\",\"input\":[[1,-2]]}|400|input[0][1]|invalid_request_error|token",
                "/v1/embeddings|{\"model\":\"embed\",\"input\":\"a\",\"encoding_format\":\"x\"}|400|encoding_format|invalid_request_error|float",
                "/v1/embeddings|{\"model\":\"nope\",\"input\":\"a\"}|404|model|invalid_request_error|does not exist",
                "/v1/embeddings|{\"model\":\"org/chat\",\"input\":\"a\"}|400|model|invalid_request_error|does not do",
                "/v1/chat/completions|{\"model\":\"org/chat\"}|400|messages|invalid_request_error|required",
                "/v1/chat/completions|{\"model\":\"org/chat\",\"messages\":[{\"content\":1}]}|400|messages[0].role|invalid_request_error|required",
                "/v1/chat/completions|{\"model\":\"org/chat\",\"messages\":[{\"role\":\"user\"}],\"stream\":1}|400|stream|invalid_request_error|true or false",
            })
    void saysWhichFieldIsWrong(String path, String body, int status, String param, String type, String words) {
        HttpResponse<String> response = gateway.post(path, body);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        JsonObject error = new JsonObject(response.body()).getJsonObject("error");
        assertThat(error.getString("param")).isEqualTo(param);
        assertThat(error.getString("type")).isEqualTo(type);
        assertThat(error.getString("message")).contains(words);
        assertThat(header(response, "x-request-id")).isNotEmpty();
    }

    @Test
    void refusesUnknownKeysWithTheSdksCode() {
        HttpResponse<String> response = gateway.get("/v1/models", "Authorization", "Bearer wrong");
        assertThat(response.statusCode()).isEqualTo(401);
        assertThat(header(response, "www-authenticate")).isEqualTo("Bearer");
        JsonObject error = new JsonObject(response.body()).getJsonObject("error");
        assertThat(error.getString("code")).isEqualTo("invalid_api_key");
        assertThat(error.getString("type")).isEqualTo("invalid_request_error");
        assertThat(error.getString("message")).isNotEmpty().doesNotContain("wrong");
    }

    @Test
    void refusesWrongPathsMethodsAndTypes() {
        assertThat(gateway.get("/v1/nothing").statusCode()).isEqualTo(404);
        HttpResponse<String> method = gateway.get("/v1/embeddings");
        assertThat(method.statusCode()).isEqualTo(405);
        assertThat(header(method, "allow")).isEqualTo("POST, OPTIONS");
        var form = gateway.request("/v1/embeddings", "Content-Type", "text/plain")
                .POST(BodyPublishers.ofString("{}"))
                .build();
        assertThat(gateway.send(form).statusCode()).isEqualTo(415);
        assertThat(gateway.embed("{\"model\":\"embed\",\"input\":\"" + "x".repeat(70_000) + "\"}")
                        .statusCode())
                .isEqualTo(413);
    }

    @Test
    void refusesAChunkedBodyThatGrowsTooLarge() throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), gateway.gateway.port())) {
            var out = socket.getOutputStream();
            out.write(("POST /v1/embeddings HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + GatewayFixture.KEY
                            + "\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            String chunk = "1000\r\n" + "x".repeat(4096) + "\r\n";
            for (int i = 0; i < 17; i++) {
                out.write(chunk.getBytes(StandardCharsets.US_ASCII));
            }
            byte[] head = socket.getInputStream().readNBytes(12);
            assertThat(new String(head, StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 413");
        }
    }

    @Test
    void closesConnectionsThatNeverFinishTheirHead() throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), gateway.gateway.port())) {
            socket.setSoTimeout(8000);
            socket.getOutputStream().write("POST /v1/emb".getBytes(StandardCharsets.US_ASCII));
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void listsModelsAlsoThoseWithASlash() {
        JsonObject list = new JsonObject(gateway.get("/v1/models").body());
        assertThat(list.getString("object")).isEqualTo("list");
        assertThat(list.getJsonArray("data")).hasSize(7);
        JsonObject model = new JsonObject(gateway.get("/v1/models/org/chat").body());
        assertThat(model.getString("id")).isEqualTo("org/chat");
        assertThat(model.getString("object")).isEqualTo("model");
        HttpResponse<String> none = gateway.get("/v1/models/none");
        assertThat(none.statusCode()).isEqualTo(404);
        assertThat(new JsonObject(none.body()).getJsonObject("error").getString("code"))
                .isEqualTo("model_not_found");
    }

    @Test
    void withoutAnyBatchingServiceTheRefusalSaysWhenToComeBack() {
        HttpResponse<String> response = gateway.post("/v1/chat/completions", """
                {"model":"org/chat","messages":[{"role":"user","content":"hi"}]}""");
        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(header(response, "retry-after")).isEqualTo("1");
        assertThat(header(response, "retry-after-ms")).isEqualTo("1000");
    }

    @Test
    void drainsWithoutBreakingWhatIsUnderWay() throws Exception {
        FakeBatching batching = gateway.batching();
        gateway.model.next(Reply.sandbox().after(Duration.ofMillis(400)));
        var call = gateway.postLater("/v1/chat/completions", """
                {"model":"org/chat","messages":[{"role":"user","content":"hi"}]}""");
        Await.until("it is under way", () -> batching.leases.size() == 1);
        var drained = gateway.gateway.drain();
        assertThat(call.get(5, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
        Await.result(drained);
    }
}
