package dev.penstock.batching.backend;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.penstock.batching.policy.UsageSplit;
import dev.penstock.common.config.Api;
import dev.penstock.common.contract.Operation;
import dev.penstock.common.unit.Bytes;
import dev.penstock.common.upstream.Outbound;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The wire form of a merged embeddings call: OpenAI's, or the own one of text-embeddings-inference and of Ollama. The request is spliced from the items' own bytes, which were parsed and
 * checked when they came in; the answer is read in one pass. Stateless; safe for use by many threads.
 */
public final class EmbeddingCodec {
    private static final JsonFactory JSON = new JsonFactory();
    private static final byte[] INPUT = ",\"input\":[".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] FORMAT = "],\"encoding_format\":\"base64\"".getBytes(StandardCharsets.US_ASCII);

    private static final Pattern OLLAMAS_OWN = Pattern.compile("\"(options|keep_alive|truncate)\"\\s*:");

    private EmbeddingCodec() {}

    /**
     * What came back.
     *
     * @param vectors little-endian float32, one per input, in the order of the inputs
     * @param tokens what the backend charged; -1 where it did not say
     * @param model the backend's own name of the model; null where it did not say
     */
    public record Embeddings(
            List<Bytes> vectors, long tokens, @Nullable String model) {
        /** With the count of a header, as text-embeddings-inference sends it; unchanged where there is none. */
        public Embeddings counted(@Nullable String header) {
            try {
                return header == null
                        ? this
                        : new Embeddings(vectors, Math.clamp(Long.parseLong(header.trim()), 0, UsageSplit.MOST), model);
            } catch (NumberFormatException e) {
                return this;
            }
        }
    }

    /** The answer is not what was asked for; the message says how. */
    public static final class Garbage extends Exception {
        Garbage(String message) {
            super(message, null, false, false);
        }
    }

    /**
     * The body of one call.
     *
     * @param params a JSON object, or no bytes at all
     */
    public static Buffer request(String model, Bytes params, List<Bytes> inputs) {
        byte[] name = ("{\"model\":" + quoted(model)).getBytes(StandardCharsets.UTF_8);
        byte[] members = members(params);
        int size = name.length + INPUT.length + FORMAT.length + members.length + 2 + inputs.size();
        for (Bytes input : inputs) {
            size += input.size();
        }
        Buffer body = Buffer.buffer(size).appendBytes(name).appendBytes(INPUT);
        for (int i = 0; i < inputs.size(); i++) {
            if (i > 0) {
                body.appendByte((byte) ',');
            }
            body.appendBytes(inputs.get(i).unsafeArray());
        }
        body.appendBytes(FORMAT);
        if (members.length > 0) {
            body.appendByte((byte) ',').appendBytes(members);
        }
        return body.appendByte((byte) '}');
    }

    /**
     * The call to an instance, in its API's form. Ollama's own API is used for options that only it knows.
     *
     * @param params a JSON object, or no bytes at all
     */
    public static Outbound outbound(Api api, String model, Bytes params, List<Bytes> inputs) {
        if (api == Api.TEI) {
            return Outbound.of(Outbound.path(api, Operation.EMBEDDINGS), plain("{\"inputs\":[", params, inputs));
        }
        if (api == Api.OLLAMA && OLLAMAS_OWN.matcher(params.utf8()).find()) {
            return Outbound.of("/api/embed", plain("{\"model\":" + quoted(model) + ",\"input\":[", params, inputs));
        }
        return Outbound.of(Outbound.path(api, Operation.EMBEDDINGS), request(model, params, inputs));
    }

    private static Buffer plain(String head, Bytes params, List<Bytes> inputs) {
        Buffer body = Buffer.buffer(head);
        for (int i = 0; i < inputs.size(); i++) {
            body.appendString(i > 0 ? "," : "").appendBytes(inputs.get(i).unsafeArray());
        }
        byte[] members = members(params);
        return body.appendString(members.length > 0 ? "]," : "]")
                .appendBytes(members)
                .appendByte((byte) '}');
    }

    /** Reads an answer to {@code expected} inputs. */
    public static Embeddings answer(Buffer body, int expected) throws Garbage {
        try (JsonParser in = JSON.createParser(body.getBytes())) {
            return new Reader(in, expected).read();
        } catch (IOException e) {
            throw new Garbage("it is not the JSON of an embeddings answer");
        }
    }

    private static String quoted(String text) {
        return new JsonObject().put("m", text).encode().substring(5).replaceFirst("}$", "");
    }

    /** The inside of a JSON object. */
    private static byte[] members(Bytes params) {
        byte[] json = params.unsafeArray();
        int from = 0;
        int to = json.length;
        while (from < to && json[from] <= ' ') {
            from++;
        }
        while (to > from && json[to - 1] <= ' ') {
            to--;
        }
        return to - from < 2
                ? new byte[0]
                : new String(json, from + 1, to - from - 2, StandardCharsets.UTF_8)
                        .trim()
                        .getBytes(StandardCharsets.UTF_8);
    }

    /** One pass over one answer. */
    private static final class Reader {
        private final JsonParser in;
        private final int expected;
        private final @Nullable Bytes[] vectors;
        private int seen;
        private int width = -1;
        private float[] floats = new float[1024];
        private long tokens = -1;
        private @Nullable String model;

        Reader(JsonParser in, int expected) {
            this.in = in;
            this.expected = expected;
            this.vectors = new Bytes[expected];
        }

        Embeddings read() throws IOException, Garbage {
            JsonToken first = in.nextToken();
            if (first == JsonToken.START_ARRAY) {
                vectors(); // text-embeddings-inference writes nothing else
                return complete();
            }
            expect(first, JsonToken.START_OBJECT);
            while (in.nextToken() == JsonToken.FIELD_NAME) {
                String field = in.currentName();
                JsonToken value = in.nextToken();
                switch (field) {
                    case "data" -> data(value);
                    case "embeddings" -> { // Ollama's own API
                        expect(value, JsonToken.START_ARRAY);
                        vectors();
                    }
                    case "prompt_eval_count" -> tokens = Math.clamp(in.getValueAsLong(-1), -1, UsageSplit.MOST);
                    case "usage" -> usage(value);
                    case "model" -> model = value == JsonToken.VALUE_STRING ? in.getText() : null;
                    default -> in.skipChildren();
                }
            }
            return complete();
        }

        private Embeddings complete() throws Garbage {
            List<Bytes> complete = new ArrayList<>(expected);
            for (Bytes vector : vectors) {
                if (vector == null) {
                    throw new Garbage("it holds " + seen + " embeddings for " + expected + " inputs");
                }
                complete.add(vector);
            }
            return new Embeddings(complete, tokens, model);
        }

        private void data(JsonToken token) throws IOException, Garbage {
            expect(token, JsonToken.START_ARRAY);
            for (int position = 0; in.nextToken() == JsonToken.START_OBJECT; position++) {
                datum(position);
            }
        }

        /** Arrays of numbers in the order of the inputs, up to the closing bracket. */
        private void vectors() throws IOException, Garbage {
            for (int position = 0; in.nextToken() == JsonToken.START_ARRAY; position++) {
                put(position, position, floats());
            }
        }

        /** {@code index} decides; where a backend leaves it out the position does. */
        private void datum(int position) throws IOException, Garbage {
            int index = position;
            Bytes vector = null;
            while (in.nextToken() == JsonToken.FIELD_NAME) {
                String field = in.currentName();
                JsonToken value = in.nextToken();
                switch (field) {
                    case "index" -> index = value == JsonToken.VALUE_NUMBER_INT ? in.getIntValue() : -1;
                    case "embedding" -> vector = vector(value);
                    default -> in.skipChildren();
                }
            }
            put(position, index, vector);
        }

        private void put(int position, int index, @Nullable Bytes vector) throws Garbage {
            if (vector == null || index < 0 || index >= expected || vectors[index] != null) {
                throw new Garbage("its embedding at position " + position + " has no, a wrong or a repeated index");
            }
            if (width >= 0 && width != vector.size()) {
                throw new Garbage("its embeddings differ in length");
            }
            width = vector.size();
            vectors[index] = vector;
            seen++;
        }

        private Bytes vector(JsonToken token) throws IOException, Garbage {
            if (token == JsonToken.START_ARRAY) {
                return floats();
            }
            expect(token, JsonToken.VALUE_STRING);
            byte[] raw = in.getBinaryValue();
            if (raw.length == 0 || raw.length % Float.BYTES != 0) {
                throw new Garbage("an embedding is not base64 of float32 numbers");
            }
            return Bytes.of(raw);
        }

        private Bytes floats() throws IOException, Garbage {
            int n = 0;
            for (JsonToken token = in.nextToken(); token != JsonToken.END_ARRAY; token = in.nextToken()) {
                if (token == null || !token.isNumeric()) {
                    throw new Garbage("an embedding holds something else than numbers");
                }
                if (n == floats.length) {
                    floats = Arrays.copyOf(floats, 2 * n);
                }
                floats[n++] = in.getFloatValue();
            }
            if (n == 0) {
                throw new Garbage("an embedding is empty");
            }
            ByteBuffer bytes = ByteBuffer.allocate(n * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asFloatBuffer().put(floats, 0, n);
            return Bytes.of(bytes.array());
        }

        private void usage(JsonToken token) throws IOException {
            if (token != JsonToken.START_OBJECT) {
                in.skipChildren();
                return;
            }
            while (in.nextToken() == JsonToken.FIELD_NAME) {
                boolean prompt = in.currentName().equals("prompt_tokens");
                boolean total = in.currentName().equals("total_tokens");
                JsonToken value = in.nextToken();
                if (value == JsonToken.VALUE_NUMBER_INT && (prompt || (total && tokens < 0))) {
                    tokens = Math.clamp(in.getLongValue(), 0, UsageSplit.MOST);
                } else {
                    in.skipChildren();
                }
            }
        }

        private static void expect(@Nullable JsonToken actual, JsonToken wanted) throws Garbage {
            if (actual != wanted) {
                throw new Garbage("it is not an embeddings answer");
            }
        }
    }
}
