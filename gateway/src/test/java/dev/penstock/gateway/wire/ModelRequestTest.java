package dev.penstock.gateway.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.common.fault.Fault;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelRequestTest {
    private static final String MESSAGES = "\"messages\":[{\"role\":\"user\",\"content\":\"h\\u00e9 {}\"}]";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"model\":\"m\",%s,\"stream\":true}",
                "{ \"stream\" : true , \"stream_options\" : null , \"model\" : \"m\" , %s }",
                "{\"stream_options\":{\"x\":1},%s,\"model\":\"m\",\"stream\":true}",
                "{\"model\":\"m\",\"stream\":true,\"stream_options\":{\"include_usage\":false},%s}",
                "{\"model\":\"m\",\"stream\":true,\"stream_options\":{\"include_usage\":true},%s}",
            })
    void forwardRenamesTheModelAndAlwaysAsksForUsage(String form) {
        String body = form.formatted(MESSAGES);
        JsonObject sent = new JsonObject(read(body).forward("backend"));
        JsonObject expected = new JsonObject(body).put("model", "backend");
        JsonObject options = expected.getJsonObject("stream_options");
        expected.put("stream_options", (options == null ? new JsonObject() : options).put("include_usage", true));
        assertThat(sent).isEqualTo(expected);
    }

    @Test
    void forwardLeavesEverythingElseAsItCame() {
        String body = "{ \"model\" : \"m\", " + MESSAGES + ", \"x\" : 1.50 }";
        assertThat(read(body).forward("m").toString()).isEqualTo(body);
        assertThat(read(body).forward("other").toString()).isEqualTo(body.replace("\"m\"", "\"other\""));
    }

    @Test
    void questionIsTheSameForTheSameQuestion() {
        String one = "{\"model\":\"m\",\"temperature\":0,\"n\":1,\"user\":\"a\",\"top_p\":null," + MESSAGES + "}";
        String other = "{" + MESSAGES + ",\"temperature\":0,\"model\":\"m\"}";
        String different = "{" + MESSAGES + ",\"temperature\":0,\"model\":\"m\",\"max_tokens\":5}";
        assertThat(read(one).question()).isEqualTo(read(other).question());
        assertThat(read(one).question()).isNotEqualTo(read(different).question());
    }

    @Test
    void questionsWithDifferentHalvesOfPairsAreDifferent() {
        String one = "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"\\ud800\"}]}";
        assertThat(read(one).question())
                .isNotEqualTo(read(one.replace("d800", "d801")).question());
    }

    @Test
    void knowsWhichAnswersDoNotChange() {
        assertThat(read("{\"model\":\"m\"," + MESSAGES + "}").deterministic()).isFalse();
        assertThat(read("{\"model\":\"m\",\"temperature\":0.0," + MESSAGES + "}")
                        .deterministic())
                .isTrue();
        assertThat(read("{\"model\":\"m\",\"seed\":1," + MESSAGES + "}").deterministic())
                .isTrue();
    }

    @Test
    void refusesAFieldThatIsThereTwice() {
        assertThatThrownBy(() -> read("{\"model\":\"a\",\"model\":\"b\"," + MESSAGES + "}"))
                .isInstanceOf(Fault.class)
                .hasMessageContaining("twice");
    }

    private static ModelRequest read(String body) {
        return ModelRequest.read(Form.CHAT, body.getBytes(StandardCharsets.UTF_8));
    }
}
