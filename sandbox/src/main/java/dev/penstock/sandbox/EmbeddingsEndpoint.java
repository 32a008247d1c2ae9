package dev.penstock.sandbox;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.penstock.sandbox.policy.FeatureHashing;
import dev.penstock.sandbox.policy.Tokens;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code POST /v1/embeddings}: reads all four forms of input, writes floats or base64. */
final class EmbeddingsEndpoint {
    private static final JsonFactory JSON = new JsonFactory();
    private static final int MAX_DIMENSIONS = 4096;

    private EmbeddingsEndpoint() {}

    static Request read(String model, JsonObject body) {
        Integer dimensions = Fields.integer(body, "dimensions", 1, MAX_DIMENSIONS);
        String format = Fields.text(body, "encoding_format", "float");
        if (!format.equals("float") && !format.equals("base64")) {
            throw WireFault.badRequest("encoding_format must be float or base64.");
        }
        List<Input> inputs = inputs(body.getValue("input"));
        return new Request(
                model,
                inputs,
                dimensions == null ? FeatureHashing.DEFAULT_DIMENSIONS : dimensions,
                format.equals("base64"));
    }

    private static List<Input> inputs(@Nullable Object input) {
        if (input instanceof String text) {
            return List.of(Text.of(text));
        }
        if (!(input instanceof JsonArray array) || array.isEmpty()) {
            throw WireFault.badRequest("input must be a text, an array of texts, or arrays of token numbers.");
        }
        if (array.getValue(0) instanceof Number) {
            return List.of(Numbers.of(array));
        }
        if (array.size() > SandboxOptions.MAX_ITEMS) {
            throw WireFault.badRequest("input must have at most " + SandboxOptions.MAX_ITEMS + " items.");
        }
        List<Input> inputs = new ArrayList<>(array.size());
        for (Object item : array) {
            inputs.add(
                    switch (item) {
                        case String text -> Text.of(text);
                        case JsonArray tokens -> Numbers.of(tokens);
                        case null, default ->
                            throw WireFault.badRequest("input must hold only texts or only arrays of token numbers.");
                    });
        }
        return inputs;
    }

    /** One text to embed, as words or as token numbers. */
    sealed interface Input {
        float[] vector(int dimensions);

        int tokens();
    }

    private record Text(String text) implements Input {
        static Text of(String text) {
            if (text.isEmpty()) {
                throw WireFault.badRequest("input must not be an empty text.");
            }
            return new Text(text);
        }

        @Override
        public float[] vector(int dimensions) {
            return FeatureHashing.ofText(text, dimensions);
        }

        @Override
        public int tokens() {
            return Tokens.count(text);
        }
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared; lives for one request
    private record Numbers(int[] values) implements Input {
        static Numbers of(JsonArray array) {
            int[] values = new int[array.size()];
            for (int i = 0; i < values.length; i++) {
                if (!(array.getValue(i) instanceof Number number)) {
                    throw WireFault.badRequest("token numbers must be integers.");
                }
                values[i] = number.intValue();
            }
            if (values.length == 0) {
                throw WireFault.badRequest("input must not be empty.");
            }
            return new Numbers(values);
        }

        @Override
        public float[] vector(int dimensions) {
            return FeatureHashing.ofTokens(values, dimensions);
        }

        @Override
        public int tokens() {
            return values.length;
        }
    }

    /** A call that can be answered. */
    record Request(String model, List<Input> inputs, int dimensions, boolean base64) {
        int items() {
            return inputs.size();
        }

        /** Computes the vectors and writes the answer in one pass. */
        Buffer answer() {
            ByteArrayOutputStream out = new ByteArrayOutputStream(inputs.size() * dimensions * 6 + 256);
            try (JsonGenerator json = JSON.createGenerator(out)) {
                write(json);
            } catch (IOException e) {
                throw new UncheckedIOException(e); // memory does not fail
            }
            return Buffer.buffer(out.toByteArray());
        }

        private void write(JsonGenerator json) throws IOException {
            byte[] bytes = new byte[dimensions * Float.BYTES];
            int tokens = 0;
            json.writeStartObject();
            json.writeStringField("object", "list");
            json.writeArrayFieldStart("data");
            for (int index = 0; index < inputs.size(); index++) {
                Input input = inputs.get(index);
                tokens += input.tokens();
                json.writeStartObject();
                json.writeStringField("object", "embedding");
                json.writeNumberField("index", index);
                json.writeFieldName("embedding");
                writeVector(json, input.vector(dimensions), bytes);
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeStringField("model", model);
            json.writeObjectFieldStart("usage");
            json.writeNumberField("prompt_tokens", tokens);
            json.writeNumberField("total_tokens", tokens);
            json.writeEndObject();
            json.writeEndObject();
        }

        private void writeVector(JsonGenerator json, float[] vector, byte[] bytes) throws IOException {
            if (base64) {
                ByteBuffer.wrap(bytes)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .asFloatBuffer()
                        .put(vector);
                json.writeBinary(bytes);
                return;
            }
            json.writeStartArray();
            for (float x : vector) {
                json.writeNumber(x);
            }
            json.writeEndArray();
        }
    }
}
