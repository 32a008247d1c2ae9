package dev.penstock.gateway.wire;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.TreeMap;

/** The one JSON reader and writer of the AI API, and how it says what is wrong. */
public final class Json {
    public static final ObjectMapper MAPPER = new ObjectMapper(new JsonFactory());

    private Json() {}

    /** A parser that stands on the first token of an object. */
    public static JsonParser object(byte[] body) throws IOException {
        requireUtf8(body);
        JsonParser parser = MAPPER.getFactory().createParser(body);
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            throw Fault.of(FaultCode.INVALID_REQUEST, "The body must be a JSON object.");
        }
        return parser;
    }

    /**
     * JSON travels as UTF-8 without a byte order mark. The parser would also read UTF-16 and UTF-32, in which nothing is
     * where we look for it, and what is forwarded would keep a mark that backends choke on.
     */
    private static void requireUtf8(byte[] body) {
        boolean plain = body.length < 2 || (body[0] > 0 && body[1] > 0);
        if (!plain) {
            throw Fault.of(FaultCode.INVALID_REQUEST, "The body must be JSON in UTF-8, without a byte order mark.");
        }
    }

    /**
     * Refuses text with half of a surrogate pair, which only an escape can smuggle in: it has no UTF-8 form, so that
     * different texts of that kind would be one to whatever reads their bytes.
     */
    public static String whole(String path, String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                if (i + 1 == text.length() || !Character.isSurrogatePair(text.charAt(i), text.charAt(i + 1))) {
                    throw Fault.invalid(path, "'" + path + "' has half of a surrogate pair, which is no text.");
                }
                i++;
            }
        }
        return text;
    }

    /** What is wrong with a body that is no JSON, or with a value in it; never repeats the body. */
    public static Fault broken(IOException cause) {
        if (cause instanceof StreamConstraintsException) {
            return Fault.of(
                    FaultCode.INVALID_REQUEST,
                    "The body is nested too deeply, or one of its numbers or texts is too long.");
        }
        if (cause instanceof JsonProcessingException json && json.getLocation() != null) {
            JsonLocation at = json.getLocation();
            return Fault.of(
                    FaultCode.INVALID_REQUEST,
                    "The body is not valid JSON (line " + at.getLineNr() + ", column " + at.getColumnNr() + ").");
        }
        return Fault.of(FaultCode.INVALID_REQUEST, "The body is not valid JSON.");
    }

    /** The bytes of {@code node} with the keys of every object sorted: equal meaning, equal bytes. */
    public static byte[] canonical(JsonNode node) {
        try {
            return MAPPER.writeValueAsBytes(sorted(node));
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static byte[] bytes(Object value) {
        try {
            return MAPPER.writeValueAsBytes(value);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonNode sorted(JsonNode node) {
        if (node.isObject()) {
            TreeMap<String, JsonNode> fields = new TreeMap<>();
            node.properties().forEach(field -> fields.put(field.getKey(), sorted(field.getValue())));
            return MAPPER.createObjectNode().setAll(fields);
        }
        if (node.isArray()) {
            var array = MAPPER.createArrayNode();
            node.forEach(element -> array.add(sorted(element)));
            return array;
        }
        return node;
    }
}
