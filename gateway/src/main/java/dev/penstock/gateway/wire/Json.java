package dev.penstock.gateway.wire;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.TreeMap;

/** The one JSON reader and writer of this package, and how it says what is wrong. */
final class Json {
    static final ObjectMapper MAPPER = new ObjectMapper(new JsonFactory());

    private Json() {}

    /** A parser that stands on the first token of an object. */
    static JsonParser object(byte[] body) throws IOException {
        JsonParser parser = MAPPER.getFactory().createParser(body);
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            throw Fault.of(FaultCode.INVALID_REQUEST, "The body must be a JSON object.");
        }
        return parser;
    }

    /** What is wrong with a body that is no JSON; never repeats the body. */
    static Fault broken(IOException cause) {
        if (cause instanceof JsonProcessingException json && json.getLocation() != null) {
            JsonLocation at = json.getLocation();
            return Fault.of(
                    FaultCode.INVALID_REQUEST,
                    "The body is not valid JSON (line " + at.getLineNr() + ", column " + at.getColumnNr() + ").");
        }
        return Fault.of(FaultCode.INVALID_REQUEST, "The body is not valid JSON.");
    }

    /** The bytes of {@code node} with the keys of every object sorted: equal meaning, equal bytes. */
    static byte[] canonical(JsonNode node) {
        try {
            return MAPPER.writeValueAsBytes(sorted(node));
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    static byte[] bytes(Object value) {
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
