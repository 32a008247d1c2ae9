package dev.penstock.gateway.wire;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.unit.Bytes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The body of {@code POST /v1/embeddings}, read in one pass.
 *
 * @param inputs at least one, at most {@link #MAX_INPUTS}, in the caller's order
 * @param params canonical JSON of what else changes the answer: {@code dimensions} and fields that only some backends know
 */
public record EmbeddingsRequest(String model, List<EmbeddingInput> inputs, boolean base64, Bytes params) {
    /** OpenAI's own bound. */
    public static final int MAX_INPUTS = 2048;

    private static final Bytes NO_PARAMS = Bytes.of("{}");

    /**
     * Reads a body.
     *
     * @throws Fault that names the field where the body is not what it must be
     */
    public static EmbeddingsRequest read(byte[] body) {
        try (JsonParser parser = Json.object(body)) {
            return new Reader(parser).read();
        } catch (IOException e) {
            throw Json.broken(e);
        }
    }

    /** Everything between the braces, as it comes. */
    private static final class Reader {
        private final JsonParser parser;
        private @Nullable String model;
        private @Nullable List<EmbeddingInput> inputs;
        private boolean base64;
        private @Nullable ObjectNode others;

        Reader(JsonParser parser) {
            this.parser = parser;
        }

        EmbeddingsRequest read() throws IOException {
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                field(name);
            }
            if (parser.nextToken() != null) {
                throw Fault.invalid("body", "There is more than one JSON value in the body.");
            }
            if (model == null) {
                throw Fault.invalid("model", "'model' is required: the name of a model as in GET /v1/models.");
            }
            if (inputs == null) {
                throw Fault.invalid("input", "'input' is required: a string, an array of strings, or tokens.");
            }
            Bytes params = others == null ? NO_PARAMS : Bytes.of(Json.canonical(others));
            return new EmbeddingsRequest(model, inputs, base64, params);
        }

        private void field(String name) throws IOException {
            switch (name) {
                case "model" -> model = text("model");
                case "input" -> inputs = inputs();
                case "encoding_format" -> base64 = base64();
                case "dimensions" -> dimensions();
                case "user" -> parser.skipChildren();
                default -> other(name);
            }
        }

        private String text(String name) throws IOException {
            if (parser.currentToken() != JsonToken.VALUE_STRING) {
                throw Fault.invalid(name, "'" + name + "' must be a string.");
            }
            return Json.whole(name, parser.getText());
        }

        private boolean base64() throws IOException {
            if (parser.currentToken() == JsonToken.VALUE_NULL) {
                return false;
            }
            return switch (text("encoding_format")) {
                case "base64" -> true;
                case "float" -> false;
                default -> throw Fault.invalid("encoding_format", "'encoding_format' must be 'float' or 'base64'.");
            };
        }

        private void dimensions() throws IOException {
            if (parser.currentToken() == JsonToken.VALUE_NULL) {
                return;
            }
            if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT || !nonNegativeInt() || parser.getIntValue() < 1) {
                throw Fault.invalid("dimensions", "'dimensions' must be an integer of at least 1.");
            }
            other("dimensions");
        }

        private void other(String name) throws IOException {
            JsonNode value = Json.MAPPER.readTree(parser);
            if (value.isNull()) {
                return;
            }
            if (others == null) {
                others = Json.MAPPER.createObjectNode();
            }
            others.set(name, value);
        }

        private List<EmbeddingInput> inputs() throws IOException {
            if (parser.currentToken() == JsonToken.VALUE_STRING) {
                return List.of(string("input"));
            }
            if (parser.currentToken() != JsonToken.START_ARRAY) {
                throw Fault.invalid("input", "'input' must be a string, an array of strings, or arrays of tokens.");
            }
            return switch (parser.nextToken()) {
                case VALUE_STRING -> list(JsonToken.VALUE_STRING);
                case START_ARRAY -> list(JsonToken.START_ARRAY);
                case VALUE_NUMBER_INT -> List.of(tokens("input"));
                case END_ARRAY -> throw Fault.invalid("input", "'input' must not be empty.");
                default ->
                    throw Fault.invalid("input[0]", "'input[0]' must be a string, a token or an array of tokens.");
            };
        }

        private List<EmbeddingInput> list(JsonToken kind) throws IOException {
            List<EmbeddingInput> found = new ArrayList<>();
            for (JsonToken token = parser.currentToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
                if (found.size() == MAX_INPUTS) {
                    throw Fault.invalid("input", "'input' has more than " + MAX_INPUTS + " elements.");
                }
                String path = "input[" + found.size() + "]";
                if (token != kind) {
                    throw Fault.invalid(path, "'" + path + "' is of another kind than the elements before it.");
                }
                if (kind == JsonToken.VALUE_STRING) {
                    found.add(string(path));
                } else {
                    parser.nextToken();
                    found.add(tokens(path));
                }
            }
            return found;
        }

        private EmbeddingInput string(String path) throws IOException {
            String text = parser.getText();
            if (text.isEmpty()) {
                throw Fault.invalid(path, "'" + path + "' must not be an empty string.");
            }
            return new EmbeddingInput.Text(Json.whole(path, text));
        }

        private boolean nonNegativeInt() throws IOException {
            return parser.getNumberType() == JsonParser.NumberType.INT && parser.getIntValue() >= 0;
        }

        /** Reads up to the closing bracket; the parser stands on the first token. */
        private EmbeddingInput tokens(String path) throws IOException {
            int[] tokens = new int[16];
            int count = 0;
            for (JsonToken token = parser.currentToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
                if (token != JsonToken.VALUE_NUMBER_INT || !nonNegativeInt()) {
                    throw Fault.invalid(
                            path + "[" + count + "]",
                            "'" + path + "[" + count + "]' must be a token: an integer from 0.");
                }
                if (count == tokens.length) {
                    tokens = Arrays.copyOf(tokens, count * 2);
                }
                tokens[count++] = parser.getIntValue();
            }
            if (count == 0) {
                throw Fault.invalid(path, "'" + path + "' must not be empty.");
            }
            return new EmbeddingInput.Tokens(Arrays.copyOf(tokens, count));
        }
    }
}
