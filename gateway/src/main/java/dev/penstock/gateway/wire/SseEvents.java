package dev.penstock.gateway.wire;

import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.common.contract.Usage;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a stream of bytes into whole server-sent events and says what each one is, so that nothing is ever inserted into
 * the middle of an event. Used by one stream; the largest event is bounded.
 */
public final class SseEvents {
    /** More than any model sends at once; a stream without an end of event must not fill the heap. */
    static final int MAX_EVENT = 8 * 1024 * 1024;

    private static final byte[] USAGE = "\"usage\"".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] ERROR = "\"error\"".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] FINISH = "\"finish_reason\"".getBytes(StandardCharsets.US_ASCII);

    private Buffer pending = Buffer.buffer();
    private int scanned;

    /** What an event is. */
    public sealed interface Event {}

    /** A chunk to pass on as it is. */
    public record Chunk(Buffer bytes, boolean finish) implements Event {}

    /** A chunk that carries the usage. {@code alone} where it carries nothing else: then it is only for who asked. */
    public record UsageChunk(Buffer bytes, Usage usage, boolean alone, boolean finish) implements Event {}

    /** The backend says that it failed. */
    public record Failure(Buffer bytes) implements Event {}

    /** The end mark. */
    public record Done() implements Event {}

    /**
     * Takes the next bytes and hands out the events that are now whole.
     *
     * @throws Fault if an event is larger than can be
     */
    public void accept(Buffer bytes, Consumer<Event> events) {
        pending = pending.length() == 0 ? bytes : pending.appendBuffer(bytes);
        int start = 0;
        for (int end = end(scanned); end > 0; end = end(end)) {
            Event event = classify(pending.slice(start, end));
            if (event != null) {
                events.accept(event);
            }
            start = end;
        }
        if (start > 0) {
            pending = start == pending.length() ? Buffer.buffer() : pending.getBuffer(start, pending.length());
        }
        scanned = Math.max(0, pending.length() - 3);
        if (pending.length() > MAX_EVENT) {
            throw Fault.of(FaultCode.UPSTREAM_ERROR, "The model sent an event without an end.");
        }
    }

    /** The index behind the first blank line that ends behind {@code from}; 0 where there is none. */
    private int end(int from) {
        int length = pending.length();
        for (int i = from; i + 1 < length; i++) {
            if (pending.getByte(i) != '\n') {
                continue;
            }
            byte next = pending.getByte(i + 1);
            if (next == '\n') {
                return i + 2;
            }
            if (next == '\r' && i + 2 < length && pending.getByte(i + 2) == '\n') {
                return i + 3;
            }
        }
        return 0;
    }

    private static @Nullable Event classify(Buffer event) {
        byte[] bytes = event.getBytes();
        int data = dataAt(bytes);
        if (data < 0) {
            return null; // comments, and fields without data that would confuse the SDKs
        }
        if (startsWith(bytes, data, "[DONE]")) {
            return new Done();
        }
        boolean finish = indexOf(bytes, FINISH, data) >= 0 && finished(bytes, data);
        boolean usage = indexOf(bytes, USAGE, data) >= 0;
        boolean error = indexOf(bytes, ERROR, data) >= 0;
        Buffer framed = framed(bytes, data);
        return usage || error ? parsed(bytes, data, framed, finish) : new Chunk(framed, finish);
    }

    private static Event parsed(byte[] bytes, int data, Buffer framed, boolean finish) {
        try {
            JsonNode tree = Json.MAPPER.readTree(bytes, data, bytes.length - data);
            if (tree.hasNonNull("error")) {
                return new Failure(framed);
            }
            if (tree.path("usage").isObject()) {
                boolean alone = tree.path("choices").isEmpty();
                return new UsageChunk(framed, ChatAnswer.usage(tree.path("usage")), alone, finish);
            }
        } catch (IOException e) {
            return new Failure(framed);
        }
        return new Chunk(framed, finish);
    }

    /** One event in the plain form: {@code data: …}, a line feed each, a blank line. */
    private static Buffer framed(byte[] bytes, int data) {
        int end = bytes.length;
        while (end > data && (bytes[end - 1] == '\n' || bytes[end - 1] == '\r')) {
            end--;
        }
        return Buffer.buffer(end - data + 8)
                .appendString("data: ")
                .appendBytes(bytes, data, end - data)
                .appendString("\n\n");
    }

    /** Where the data of the event begin; -1 where it has none. */
    private static int dataAt(byte[] bytes) {
        int line = 0;
        while (line < bytes.length) {
            if (startsWith(bytes, line, "data:")) {
                int at = line + "data:".length();
                return at < bytes.length && bytes[at] == ' ' ? at + 1 : at;
            }
            while (line < bytes.length && bytes[line] != '\n') {
                line++;
            }
            line++;
        }
        return -1;
    }

    /** Whether a {@code finish_reason} is anything but null. */
    private static boolean finished(byte[] bytes, int from) {
        for (int at = indexOf(bytes, FINISH, from); at >= 0; at = indexOf(bytes, FINISH, at + 1)) {
            int value = at + FINISH.length;
            while (value < bytes.length && (bytes[value] == ':' || bytes[value] == ' ')) {
                value++;
            }
            if (value < bytes.length && bytes[value] == '"') {
                return true;
            }
        }
        return false;
    }

    private static boolean startsWith(byte[] bytes, int at, String text) {
        if (bytes.length - at < text.length()) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            if (bytes[at + i] != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private static int indexOf(byte[] bytes, byte[] needle, int from) {
        outer:
        for (int i = from; i <= bytes.length - needle.length; i++) {
            for (int j = 0; j < needle.length; j++) {
                if (bytes[i + j] != needle[j]) {
                    continue outer;
                }
            }
            return i;
        }
        return -1;
    }
}
