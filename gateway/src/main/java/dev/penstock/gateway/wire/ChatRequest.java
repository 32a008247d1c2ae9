package dev.penstock.gateway.wire;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.unit.Bytes;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The body of {@code POST /v1/chat/completions}. It is read once for what we must know and forwarded as the bytes that
 * came: only the model's name and {@code stream_options} are replaced in place.
 *
 * @param deterministic the caller asked for an answer that does not change: temperature 0 or a seed
 * @param wantsUsage the caller asked for the usage chunk of a stream
 * @param mostWritten the most tokens that may be written, over all choices; 0 where the caller sets no bound
 */
public record ChatRequest(
        String model,
        boolean stream,
        boolean wantsUsage,
        boolean deterministic,
        long mostWritten,
        Bytes body,
        Span modelAt,
        Span optionsAt) {
    /** Fields that do not change the answer, and so are no part of the cache key. */
    private static final List<String> NO_PART_OF_THE_QUESTION =
            List.of("user", "stream", "stream_options", "metadata", "store", "safety_identifier", "prompt_cache_key");

    /** A stretch of the body; {@link #NONE} where there is none. */
    public record Span(int from, int to) {
        static final Span NONE = new Span(-1, -1);

        boolean present() {
            return from >= 0;
        }
    }

    /**
     * Reads a body.
     *
     * @throws Fault that names the field where the body is not what it must be
     */
    public static ChatRequest read(byte[] body) {
        try (JsonParser parser = Json.object(body)) {
            return new Reader(parser).read(Bytes.of(body));
        } catch (IOException e) {
            throw Json.broken(e);
        }
    }

    /** Canonical JSON of the question: sorted, without nulls and without what does not change the answer. */
    public byte[] question() {
        try {
            ObjectNode tree = (ObjectNode) Json.MAPPER.readTree(body.unsafeArray());
            tree.remove(NO_PART_OF_THE_QUESTION);
            tree.remove("model");
            tree.properties().removeIf(field -> field.getValue().isNull());
            JsonNode n = tree.get("n");
            if (n != null && n.isInt() && n.intValue() == 1) {
                tree.remove("n");
            }
            return Json.canonical(tree);
        } catch (IOException e) {
            throw Json.broken(e);
        }
    }

    /** The body for an instance: its own name of the model, and always with usage, which billing needs. */
    public Buffer forward(String instanceModel) {
        boolean rename = !instanceModel.isEmpty() && !instanceModel.equals(model);
        if (!rename && !(stream && !wantsUsage)) {
            return body.asBuffer();
        }
        Buffer out = Buffer.buffer(body.size() + 96);
        int at = 0;
        if (stream && !wantsUsage && !optionsAt.present()) {
            int brace = 1 + indexOfBrace();
            out.appendBytes(body.unsafeArray(), 0, brace).appendString("\"stream_options\":{\"include_usage\":true},");
            at = brace;
        }
        boolean optionsFirst = optionsAt.present() && optionsAt.from < modelAt.from;
        at = optionsFirst ? options(out, at) : at;
        at = rename ? splice(out, at, modelAt, Json.bytes(instanceModel)) : at;
        at = optionsFirst ? at : options(out, at);
        return out.appendBytes(body.unsafeArray(), at, body.size() - at);
    }

    private int options(Buffer out, int at) {
        if (!stream || wantsUsage || !optionsAt.present()) {
            return at;
        }
        String was =
                new String(body.unsafeArray(), optionsAt.from, optionsAt.to - optionsAt.from, StandardCharsets.UTF_8);
        try {
            JsonNode options = Json.MAPPER.readTree(was);
            ObjectNode with = options instanceof ObjectNode object ? object : Json.MAPPER.createObjectNode();
            with.put("include_usage", true);
            return splice(out, at, optionsAt, Json.bytes(with));
        } catch (IOException e) {
            throw Json.broken(e);
        }
    }

    private int splice(Buffer out, int at, Span span, byte[] replacement) {
        out.appendBytes(body.unsafeArray(), at, span.from - at).appendBytes(replacement);
        return span.to;
    }

    private int indexOfBrace() {
        byte[] bytes = body.unsafeArray();
        int i = 0;
        while (bytes[i] != '{') {
            i++;
        }
        return i;
    }

    /** Everything between the braces, as it comes. */
    private static final class Reader {
        private static final long MOST = 100_000_000;

        private final JsonParser parser;
        private final Set<String> seen = new HashSet<>();
        private @Nullable String model;
        private boolean stream;
        private boolean wantsUsage;
        private boolean deterministic;
        private boolean messages;
        private long maxTokens;
        private long choices = 1;
        private Span modelAt = Span.NONE;
        private Span optionsAt = Span.NONE;

        Reader(JsonParser parser) {
            this.parser = parser;
        }

        ChatRequest read(Bytes body) throws IOException {
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                if (!seen.add(name)) {
                    throw Fault.invalid(name, "'" + name + "' is there twice.");
                }
                parser.nextToken();
                field(name);
            }
            if (parser.nextToken() != null) {
                throw Fault.invalid("body", "There is more than one JSON value in the body.");
            }
            if (model == null) {
                throw Fault.invalid("model", "'model' is required: the name of a model as in GET /v1/models.");
            }
            if (!messages) {
                throw Fault.invalid("messages", "'messages' is required: an array with at least one message.");
            }
            return new ChatRequest(
                    model, stream, wantsUsage, deterministic, maxTokens * choices, body, modelAt, optionsAt);
        }

        private void field(String name) throws IOException {
            switch (name) {
                case "model" -> model();
                case "messages" -> messages();
                case "stream" -> stream = flag("stream");
                case "stream_options" -> options();
                case "temperature" -> temperature();
                case "seed" -> deterministic |= parser.currentToken() != JsonToken.VALUE_NULL;
                case "max_tokens", "max_completion_tokens" -> maxTokens = Math.max(maxTokens, count());
                case "n" -> choices = Math.max(1, count());
                default -> parser.skipChildren();
            }
        }

        /** A number that the model's server will judge; 0 where it is none. */
        private long count() throws IOException {
            if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT) {
                parser.skipChildren();
                return 0;
            }
            JsonParser.NumberType type = parser.getNumberType();
            return type == JsonParser.NumberType.BIG_INTEGER ? MOST : Math.clamp(parser.getLongValue(), 0, MOST);
        }

        private void model() throws IOException {
            if (parser.currentToken() != JsonToken.VALUE_STRING) {
                throw Fault.invalid("model", "'model' must be a string.");
            }
            int from = (int) parser.currentTokenLocation().getByteOffset();
            model = Json.whole("model", parser.getText());
            modelAt = new Span(from, (int) parser.currentLocation().getByteOffset());
        }

        private void temperature() throws IOException {
            JsonToken token = parser.currentToken();
            if (token == JsonToken.VALUE_NULL) {
                return;
            }
            if (!token.isNumeric()) {
                throw Fault.invalid("temperature", "'temperature' must be a number.");
            }
            deterministic |= parser.getDoubleValue() == 0;
        }

        private boolean flag(String name) throws IOException {
            return switch (parser.currentToken()) {
                case VALUE_TRUE -> true;
                case VALUE_FALSE, VALUE_NULL -> false;
                default -> throw Fault.invalid(name, "'" + name + "' must be true or false.");
            };
        }

        private void options() throws IOException {
            int from = (int) parser.currentTokenLocation().getByteOffset();
            if (parser.currentToken() == JsonToken.START_OBJECT) {
                JsonNode options = Json.MAPPER.readTree(parser);
                wantsUsage = options.path("include_usage").asBoolean(false);
            } else if (parser.currentToken() != JsonToken.VALUE_NULL) {
                throw Fault.invalid("stream_options", "'stream_options' must be an object.");
            }
            optionsAt = new Span(from, (int) parser.currentLocation().getByteOffset());
        }

        private void messages() throws IOException {
            if (parser.currentToken() != JsonToken.START_ARRAY) {
                throw Fault.invalid("messages", "'messages' must be an array.");
            }
            int count = 0;
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                String path = "messages[" + count++ + "]";
                if (parser.currentToken() != JsonToken.START_OBJECT) {
                    throw Fault.invalid(path, "'" + path + "' must be an object.");
                }
                message(path);
            }
            messages = count > 0;
        }

        private void message(String path) throws IOException {
            boolean role = false;
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                boolean isRole = "role".equals(parser.currentName());
                JsonToken value = parser.nextToken();
                if (isRole && value != JsonToken.VALUE_STRING) {
                    throw Fault.invalid(path + ".role", "'" + path + ".role' must be a string.");
                }
                role |= isRole;
                parser.skipChildren();
            }
            if (!role) {
                throw Fault.invalid(path + ".role", "'" + path + ".role' is required.");
            }
        }
    }
}
