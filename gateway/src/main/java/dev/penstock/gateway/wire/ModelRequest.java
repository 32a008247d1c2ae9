package dev.penstock.gateway.wire;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.unit.Bytes;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The body of a request that a model answers as a whole, such as a chat. It is read once for what we must know and
 * forwarded as the bytes that came: only the model's name and {@code stream_options} are replaced in place.
 *
 * @param model as the caller wrote it; empty where it may be left out and was
 * @param wantsUsage the caller asked for the usage chunk of a stream
 * @param deterministic equal questions have equal answers
 * @param mostWritten the most tokens that may be written, over all choices; 0 where the caller sets no bound
 */
public record ModelRequest(
        Form form,
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
    public static ModelRequest read(Form form, byte[] body) {
        try (JsonParser parser = Json.object(body)) {
            return new RequestReader(form, parser).read(Bytes.of(body));
        } catch (IOException e) {
            throw Json.broken(e);
        }
    }

    /** The body as a tree of its own. */
    public ObjectNode tree() {
        try {
            return (ObjectNode) Json.MAPPER.readTree(body.unsafeArray());
        } catch (IOException e) {
            throw Json.broken(e);
        }
    }

    /** Canonical JSON of all of the body: equal for bodies that say the same. */
    public byte[] canonical() {
        return Json.canonical(tree());
    }

    /** Canonical JSON of the question: sorted, without nulls and without what does not change the answer. */
    public byte[] question() {
        ObjectNode tree = tree();
        tree.remove(NO_PART_OF_THE_QUESTION);
        tree.remove("model");
        tree.properties().removeIf(field -> field.getValue().isNull());
        JsonNode n = tree.get("n");
        if (n != null && n.isInt() && n.intValue() == 1) {
            tree.remove("n");
        }
        return Json.canonical(tree);
    }

    /** The body for an instance: its own name of the model, and always with usage, which billing needs. */
    public Buffer forward(String instanceModel) {
        boolean rename = !instanceModel.equals(model);
        boolean askUsage = stream && !wantsUsage && form.usageOnRequest();
        if (!rename && !askUsage) {
            return body.asBuffer();
        }
        Buffer out = Buffer.buffer(body.size() + 96);
        int at = 0;
        boolean insertModel = rename && !modelAt.present();
        boolean insertOptions = askUsage && !optionsAt.present();
        if (insertModel || insertOptions) {
            at = 1 + indexOfBrace();
            out.appendBytes(body.unsafeArray(), 0, at);
        }
        if (insertModel) {
            out.appendString("\"model\":")
                    .appendBytes(Json.bytes(instanceModel))
                    .appendString(",");
        }
        if (insertOptions) {
            out.appendString("\"stream_options\":{\"include_usage\":true},");
        }
        boolean optionsFirst = optionsAt.present() && optionsAt.from < modelAt.from;
        at = askUsage && optionsFirst ? options(out, at) : at;
        at = rename && modelAt.present() ? splice(out, at, modelAt, Json.bytes(instanceModel)) : at;
        at = askUsage && !optionsFirst ? options(out, at) : at;
        return out.appendBytes(body.unsafeArray(), at, body.size() - at);
    }

    private int options(Buffer out, int at) {
        if (!optionsAt.present()) {
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
}
