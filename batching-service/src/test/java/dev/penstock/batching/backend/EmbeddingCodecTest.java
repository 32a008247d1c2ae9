package dev.penstock.batching.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.batching.backend.EmbeddingCodec.Embeddings;
import dev.penstock.batching.backend.EmbeddingCodec.Garbage;
import dev.penstock.common.config.Api;
import dev.penstock.common.unit.Bytes;
import dev.penstock.common.upstream.Outbound;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EmbeddingCodecTest {
    private static Bytes vector(float... numbers) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * numbers.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float number : numbers) {
            bytes.putFloat(number);
        }
        return Bytes.of(bytes.array());
    }

    private static Embeddings answer(String json, int expected) throws Garbage {
        return EmbeddingCodec.answer(Buffer.buffer(json), expected);
    }

    @Test
    void request_splicesItemsAndParameters() {
        Buffer body = EmbeddingCodec.request(
                "a\"b", Bytes.of("{\"dimensions\":256}"), List.of(Bytes.of("\"é\\n\""), Bytes.of("[1,2]")));

        assertThat(new JsonObject(body))
                .isEqualTo(new JsonObject()
                        .put("model", "a\"b")
                        .put(
                                "input",
                                new JsonArray()
                                        .add("é\n")
                                        .add(new JsonArray().add(1).add(2)))
                        .put("encoding_format", "base64")
                        .put("dimensions", 256));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{}", " { } "})
    void request_withoutParameters_isWellFormed(String params) {
        Buffer body = EmbeddingCodec.request("m", Bytes.of(params), List.of(Bytes.of("\"x\"")));

        assertThat(new JsonObject(body).fieldNames()).containsExactly("model", "input", "encoding_format");
    }

    @Test
    void answer_base64AndFloatsInAnyOrder_areMatchedByIndex() throws Garbage {
        String coded = Base64.getEncoder().encodeToString(vector(3, 4).unsafeArray());
        Embeddings read = answer(
                "{\"object\":\"list\",\"data\":[{\"index\":1,\"embedding\":\"" + coded
                        + "\"},{\"object\":\"embedding\",\"embedding\":[1,2.0],\"index\":0}],\"model\":\"m-1\","
                        + "\"usage\":{\"total_tokens\":9,\"prompt_tokens\":7,\"details\":{\"x\":[1]}}}",
                2);

        assertThat(read).isEqualTo(new Embeddings(List.of(vector(1, 2), vector(3, 4)), 7, "m-1"));
    }

    @Test
    void answer_withoutIndexUsageAndModel_isTakenInOrder() throws Garbage {
        Embeddings read = answer("{\"data\":[{\"embedding\":[1]},{\"embedding\":[2]}]}", 2);

        assertThat(read).isEqualTo(new Embeddings(List.of(vector(1), vector(2)), -1, null));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "null",
                "not json",
                "{\"data\":",
                "{}",
                "{\"error\":{\"message\":\"no\"}}",
                "{\"data\":[{\"index\":0,\"embedding\":[1]}]}",
                "{\"data\":[{\"index\":0,\"embedding\":[1]},{\"index\":0,\"embedding\":[1]}]}",
                "{\"data\":[{\"index\":0,\"embedding\":[1]},{\"index\":2,\"embedding\":[1]}]}",
                "{\"data\":[{\"index\":0,\"embedding\":[1]},{\"index\":1,\"embedding\":[1,2]}]}",
                "{\"data\":[{\"index\":0,\"embedding\":[]},{\"index\":1,\"embedding\":[]}]}",
                "{\"data\":[{\"index\":0,\"embedding\":\"AAA\"},{\"index\":1,\"embedding\":\"AAA\"}]}",
                "{\"data\":[{\"index\":0,\"embedding\":\"!!!!\"},{\"index\":1,\"embedding\":\"!!!!\"}]}",
                "{\"data\":[{\"index\":0,\"embedding\":[\"a\"]},{\"index\":1,\"embedding\":[\"b\"]}]}",
                "{\"data\":[{\"index\":0,\"embedding\":[1]},{\"index\":1,\"embedding\":null}]}",
                "{\"data\":[{\"embedding\":[1]},{\"embedding\":[1]},{\"embedding\":[1]}]}",
            })
    void answer_ofAnotherShape_isGarbage(String json) {
        assertThatThrownBy(() -> answer(json, 2)).isInstanceOf(Garbage.class);
    }

    @Test
    void textEmbeddingsInferenceIsAskedAndReadInItsOwnForm() throws Exception {
        Outbound call = EmbeddingCodec.outbound(
                Api.TEI, "m", Bytes.of("{\"truncate\":true}"), List.of(Bytes.of("\"a\""), Bytes.of("\"b\"")));
        assertThat(call.path()).isEqualTo("/embed");
        assertThat(call.body().toString()).isEqualTo("{\"inputs\":[\"a\",\"b\"],\"truncate\":true}");
        Embeddings read = EmbeddingCodec.answer(Buffer.buffer("[[1.0,2.0],[3.0,4.0]]"), 2);
        assertThat(read.vectors()).hasSize(2);
        assertThat(read.counted("7").tokens()).isEqualTo(7);
        assertThat(read.counted(null).tokens()).isEqualTo(-1);
    }

    @Test
    void ollamasOwnApiIsUsedForOptionsThatOnlyItKnows() throws Exception {
        List<Bytes> inputs = List.of(Bytes.of("\"a\""));
        assertThat(EmbeddingCodec.outbound(Api.OLLAMA, "m", Bytes.of("{}"), inputs)
                        .path())
                .isEqualTo("/v1/embeddings");
        Outbound own = EmbeddingCodec.outbound(Api.OLLAMA, "m", Bytes.of("{\"keep_alive\":\"5m\"}"), inputs);
        assertThat(own.path()).isEqualTo("/api/embed");
        assertThat(own.body().toString()).isEqualTo("{\"model\":\"m\",\"input\":[\"a\"],\"keep_alive\":\"5m\"}");
        Embeddings read = EmbeddingCodec.answer(
                Buffer.buffer("{\"model\":\"all-minilm\",\"embeddings\":[[0.5,0.25]],\"total_duration\":14143917,"
                        + "\"load_duration\":1019500,\"prompt_eval_count\":8}"),
                1);
        assertThat(read.tokens()).isEqualTo(8);
        assertThat(read.model()).isEqualTo("all-minilm");
    }

    @Test
    void azureIsCalledLikeOpenAi() {
        assertThat(EmbeddingCodec.outbound(Api.AZURE, "m", Bytes.of("{}"), List.of(Bytes.of("\"a\"")))
                        .path())
                .isEqualTo("/embeddings");
    }
}
