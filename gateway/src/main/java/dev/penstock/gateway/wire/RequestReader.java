package dev.penstock.gateway.wire;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.unit.Bytes;
import dev.penstock.gateway.wire.ModelRequest.Span;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;

/** Reads one {@link ModelRequest} in one pass: everything between the braces, as it comes. What it does not know it skips. */
final class RequestReader {
    private static final long MOST_TOKENS = 10_000_000;
    private static final int MOST_CHOICES = 128;
    private static final int MOST_TEMPERATURE = 2;
    private static final int MOST_DOCUMENTS = 10_000;

    private final Form form;
    private final JsonParser parser;
    private final Set<String> seen = new HashSet<>();
    private String model = "";
    private boolean stream;
    private boolean wantsUsage;
    private boolean deterministic;
    private long limit;
    private long choices = 1;
    private Span modelAt = Span.NONE;
    private Span optionsAt = Span.NONE;

    /** @param parser stands on the opening brace */
    RequestReader(Form form, JsonParser parser) {
        this.form = form;
        this.parser = parser;
        this.deterministic = form.repeatable();
    }

    ModelRequest read(Bytes body) throws IOException {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            if (!seen.add(name)) {
                throw Fault.invalid(name, "'" + name + "' is there twice.");
            }
            if (parser.nextToken() == JsonToken.VALUE_NULL) {
                absent(name);
            } else {
                field(name);
            }
        }
        if (parser.nextToken() != null) {
            throw Fault.invalid("body", "There is more than one JSON value in the body.");
        }
        complete();
        return new ModelRequest(
                form,
                model,
                stream,
                wantsUsage,
                deterministic && (form.repeatable() || form.canBeDeterministic()),
                limit * choices,
                body,
                modelAt,
                optionsAt);
    }

    /** Null is as if absent, but where it stands something may have to be put. */
    private void absent(String name) {
        if (name.equals("model")) {
            modelAt = here();
        } else if (name.equals("stream_options")) {
            optionsAt = here();
        }
        seen.remove(name);
    }

    private void field(String name) throws IOException {
        switch (name) {
            case "model" -> model();
            case "stream" -> stream = flag("stream") && form.writes();
            case "stream_options" -> options();
            case "temperature" -> deterministic |= number("temperature", 0, MOST_TEMPERATURE) == 0;
            case "top_p" -> number("top_p", 0, 1);
            case "seed" -> {
                integer("seed", Long.MIN_VALUE, Long.MAX_VALUE);
                deterministic = true;
            }
            case "n" -> choices = integer("n", 1, MOST_CHOICES);
            case "max_tokens", "max_completion_tokens", "max_output_tokens" -> limit(name);
            case "messages" -> messages();
            case "prompt", "input", "inputs", "documents", "texts", "query", "top_n" -> subject(name);
            default -> parser.skipChildren();
        }
    }

    private void complete() {
        if (model.isEmpty() && !form.modelOptional()) {
            throw Fault.invalid("model", "'model' is required: the name of a model as in GET /v1/models.");
        }
        switch (form) {
            case CHAT, COUNT_TOKENS -> require("messages", "an array with at least one message");
            case MESSAGES -> {
                require("messages", "an array with at least one message");
                require("max_tokens", "the most tokens to write, an integer of at least 1");
            }
            case COMPLETIONS -> require("prompt", "a string, an array of strings, or tokens");
            case RESPONSES -> {
                if (!seen.contains("prompt")
                        && !seen.contains("previous_response_id")
                        && !seen.contains("conversation")) {
                    require("input", "a string or an array of items");
                }
            }
            case MODERATIONS -> require("input", "a string, an array of strings, or an array of parts");
            case RERANK -> {
                require("query", "a string");
                if (!seen.contains("texts")) {
                    require("documents", "an array of strings or objects");
                }
            }
            case CLASSIFY -> {
                if (!seen.contains("inputs")) {
                    require("input", "a string or an array of strings");
                }
            }
        }
    }

    private void require(String name, String what) {
        if (!seen.contains(name)) {
            throw Fault.invalid(name, "'" + name + "' is required: " + what + ".");
        }
    }

    private void model() throws IOException {
        if (parser.currentToken() != JsonToken.VALUE_STRING) {
            throw Fault.invalid("model", "'model' must be a string.");
        }
        int from = (int) parser.currentTokenLocation().getByteOffset();
        model = Json.whole("model", parser.getText());
        modelAt = new Span(from, (int) parser.currentLocation().getByteOffset());
    }

    private void limit(String name) throws IOException {
        limit = Math.max(limit, integer(name, form == Form.COMPLETIONS ? 0 : 1, MOST_TOKENS));
    }

    private double number(String name, int least, int most) throws IOException {
        if (!parser.currentToken().isNumeric()) {
            throw Fault.invalid(name, "'" + name + "' must be a number.");
        }
        double value = parser.getDoubleValue();
        if (!(value >= least && value <= most)) {
            throw Fault.invalid(name, "'" + name + "' must be from " + least + " to " + most + ".");
        }
        return value;
    }

    private long integer(String name, long least, long most) throws IOException {
        boolean whole = parser.currentToken() == JsonToken.VALUE_NUMBER_INT
                && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER;
        if (!whole || parser.getLongValue() < least || parser.getLongValue() > most) {
            String range = least == Long.MIN_VALUE ? "" : " from " + least + " to " + most;
            throw Fault.invalid(name, "'" + name + "' must be an integer" + range + ".");
        }
        return parser.getLongValue();
    }

    private boolean flag(String name) throws IOException {
        return switch (parser.currentToken()) {
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            default -> throw Fault.invalid(name, "'" + name + "' must be true or false.");
        };
    }

    private void options() throws IOException {
        int from = (int) parser.currentTokenLocation().getByteOffset();
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            throw Fault.invalid("stream_options", "'stream_options' must be an object.");
        }
        JsonNode options = Json.MAPPER.readTree(parser);
        wantsUsage = options.path("include_usage").asBoolean(false);
        optionsAt = new Span(from, (int) parser.currentLocation().getByteOffset());
    }

    private Span here() {
        int from = (int) parser.currentTokenLocation().getByteOffset();
        return new Span(from, (int) parser.currentLocation().getByteOffset());
    }

    private void messages() throws IOException {
        if (!form.subject().equals("messages")) {
            parser.skipChildren();
            return;
        }
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
        if (count == 0) {
            throw Fault.invalid("messages", "'messages' must have at least one message.");
        }
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

    /** Fields that mean something only in some forms. */
    private void subject(String name) throws IOException {
        boolean text = name.equals("query") && form == Form.RERANK;
        boolean list = form == Form.RERANK && (name.equals("documents") || name.equals("texts"));
        boolean either = form == Form.CLASSIFY
                ? name.startsWith("input")
                : form.subject().equals(name) && !list;
        if (text) {
            if (parser.currentToken() != JsonToken.VALUE_STRING) {
                throw Fault.invalid(name, "'" + name + "' must be a string.");
            }
        } else if (list || either) {
            textOrList(name, list);
        } else if (name.equals("top_n") && form == Form.RERANK) {
            integer(name, 1, MOST_TOKENS);
        } else {
            parser.skipChildren();
        }
    }

    private void textOrList(String name, boolean onlyList) throws IOException {
        JsonToken token = parser.currentToken();
        boolean text = token == JsonToken.VALUE_STRING && !onlyList;
        if (!text && token != JsonToken.START_ARRAY) {
            throw Fault.invalid(name, "'" + name + "' must be " + (onlyList ? "" : "a string or ") + "an array.");
        }
        if (text) {
            return;
        }
        int count = 0;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            String path = name + "[" + count++ + "]";
            element(path);
            if (onlyList && count > MOST_DOCUMENTS) {
                throw Fault.invalid(name, "'" + name + "' has more than " + MOST_DOCUMENTS + " elements.");
            }
        }
        if (count == 0 && form != Form.RESPONSES) {
            throw Fault.invalid(name, "'" + name + "' must not be empty.");
        }
    }

    private void element(String path) throws IOException {
        boolean fits = switch (parser.currentToken()) {
            case VALUE_STRING -> form != Form.RESPONSES;
            case START_OBJECT -> form != Form.COMPLETIONS && form != Form.CLASSIFY;
            case START_ARRAY, VALUE_NUMBER_INT -> form == Form.COMPLETIONS || form == Form.CLASSIFY;
            default -> false;
        };
        if (!fits) {
            throw Fault.invalid(path, "'" + path + "' is not of a kind that belongs there.");
        }
        parser.skipChildren();
    }
}
