package dev.penstock.gateway;

import static dev.penstock.gateway.EmbeddingsTest.header;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AliasesTest {
    private static final String ASK = """
            {"model":"%s","messages":[{"role":"user","content":"hi"}]}""";

    @TempDir
    Path folder;

    private GatewayFixture gateway;

    @BeforeEach
    void start() {
        gateway = new GatewayFixture(folder, """
                aliases:
                  - name: canary
                    spread: request
                    targets: [{model: org/chat}, {model: claude}, {model: embed, weight: 0}]
                  - {name: sticky, targets: [{model: canary}]}
                  - {name: vectors, targets: [{model: embed}]}
                """);
        gateway.batching();
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    @Test
    void anAliasIsAnsweredByAModelThatTheAnswerNames() {
        HttpResponse<String> response = gateway.embed("{\"model\":\"vectors\",\"input\":\"a\"}");
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        assertThat(header(response, "x-penstock-model")).isEqualTo("embed");
    }

    @Test
    void requestsAreDealtOutAndThoseOfAKeyStayTogetherWhereAsked() {
        Set<String> dealt = new HashSet<>();
        Set<String> kept = new HashSet<>();
        Set<String> together = new HashSet<>();
        for (int i = 0; i < 60; i++) {
            dealt.add(model("canary"));
            kept.add(model("sticky"));
            together.add(model("canary", "Idempotency-Key", "one"));
        }
        assertThat(dealt).containsExactlyInAnyOrder("org/chat", "claude");
        assertThat(kept).hasSize(1);
        assertThat(together).hasSize(1);
    }

    @Test
    void aliasesAreListedAsModels() {
        JsonArray data = new JsonObject(gateway.get("/v1/models").body()).getJsonArray("data");
        assertThat(data.stream().map(each -> ((JsonObject) each).getString("id")))
                .contains("canary", "sticky", "claude");
        assertThat(gateway.get("/v1/models/canary").statusCode()).isEqualTo(200);
    }

    @Test
    void aTargetMustDoWhatIsAsked() {
        HttpResponse<String> response = gateway.post("/v1/chat/completions", ASK.formatted("vectors"));
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).contains("does not do chat");
    }

    @Test
    void modelsHaveAnthropicsFormForItsClients() {
        JsonObject page = new JsonObject(
                gateway.get("/v1/models", "anthropic-version", "2023-06-01").body());
        assertThat(page.getBoolean("has_more")).isFalse();
        assertThat(page.getString("first_id")).isEqualTo("embed");
        assertThat(page.getJsonArray("data").getJsonObject(0).getString("type")).isEqualTo("model");
        HttpResponse<String> unknown = gateway.get("/v1/models/none", "anthropic-version", "2023-06-01");
        assertThat(unknown.statusCode()).isEqualTo(404);
        assertThat(new JsonObject(unknown.body()).getString("type")).isEqualTo("error");
        assertThat(header(unknown, "request-id")).isNotEmpty();
    }

    @Test
    void headAndOptionsSayWhatAPathCanDo() {
        HttpResponse<String> head =
                gateway.send(gateway.request("/v1/models").HEAD().build());
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
        HttpResponse<String> options = gateway.send(gateway.request("/v1/chat/completions")
                .method("OPTIONS", HttpRequest.BodyPublishers.noBody())
                .build());
        assertThat(options.statusCode()).isEqualTo(204);
        assertThat(header(options, "allow")).isEqualTo("POST, OPTIONS");
        assertThat(gateway.send(gateway.request("/v1/chat/completions").HEAD().build())
                        .statusCode())
                .isEqualTo(405);
    }

    private String model(String alias, String... headers) {
        return header(gateway.post("/v1/chat/completions", ASK.formatted(alias), headers), "x-penstock-model");
    }
}
