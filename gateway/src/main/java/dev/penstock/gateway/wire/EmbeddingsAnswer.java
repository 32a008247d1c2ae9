package dev.penstock.gateway.wire;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.penstock.common.unit.Bytes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.List;

/** The answer of {@code POST /v1/embeddings}, made from vectors as they are stored: little-endian float32. */
public final class EmbeddingsAnswer {
    private static final int ROUGH_ENVELOPE = 128;
    private static final int ROUGH_FLOAT = 13; // characters of a float32 and its comma
    private static final int BASE64_BYTES = 3;

    private EmbeddingsAnswer() {}

    /**
     * Writes the vectors in order.
     *
     * @param model the backend's own name of the model
     * @param tokens the sum over all inputs
     */
    public static Bytes write(List<Bytes> vectors, boolean base64, String model, long tokens) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(size(vectors, base64));
        try (JsonGenerator json = Json.MAPPER.getFactory().createGenerator(out)) {
            json.writeStartObject();
            json.writeStringField("object", "list");
            json.writeArrayFieldStart("data");
            for (int i = 0; i < vectors.size(); i++) {
                json.writeStartObject();
                json.writeStringField("object", "embedding");
                json.writeNumberField("index", i);
                json.writeFieldName("embedding");
                vector(json, vectors.get(i), base64);
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeStringField("model", model);
            json.writeObjectFieldStart("usage");
            json.writeNumberField("prompt_tokens", tokens);
            json.writeNumberField("total_tokens", tokens);
            json.writeEndObject();
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Bytes.of(out.toByteArray());
    }

    private static void vector(JsonGenerator json, Bytes vector, boolean base64) throws IOException {
        if (base64) {
            json.writeString(Base64.getEncoder().encodeToString(vector.unsafeArray()));
            return;
        }
        ByteBuffer floats = vector.asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        json.writeStartArray();
        while (floats.remaining() >= Float.BYTES) {
            json.writeNumber(floats.getFloat());
        }
        json.writeEndArray();
    }

    private static int size(List<Bytes> vectors, boolean base64) {
        long size = ROUGH_ENVELOPE;
        for (Bytes vector : vectors) {
            long body = base64 ? vector.size() * 4L / BASE64_BYTES : (long) vector.size() / Float.BYTES * ROUGH_FLOAT;
            size += ROUGH_ENVELOPE + body;
        }
        return (int) Math.min(size, Integer.MAX_VALUE / 2);
    }
}
