package dev.penstock.gateway.wire;

import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a stream of bytes into whole server-sent events, so that nothing is ever inserted into the middle of one. Used by
 * one stream; the largest event is bounded.
 */
public final class SseCutter {
    /** More than any model sends at once; a stream without an end of event must not fill the heap. */
    static final int MAX_EVENT = 8 * 1024 * 1024;

    private static final byte[] DATA = "data:".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] EVENT = "event:".getBytes(StandardCharsets.US_ASCII);

    private Buffer pending = Buffer.buffer();
    private int scanned;

    /**
     * One event that has data.
     *
     * @param name of the {@code event} field; empty where there is none
     * @param raw all its bytes, with the blank line
     * @param data what follows {@code data:}; several lines joined by line feeds
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record SseEvent(String name, Buffer raw, byte[] data) {
        /** Whether the data begin with that. */
        boolean is(String text) {
            if (data.length < text.length()) {
                return false;
            }
            for (int i = 0; i < text.length(); i++) {
                if (data[i] != text.charAt(i)) {
                    return false;
                }
            }
            return true;
        }
    }

    /**
     * Takes the next bytes and hands out the events that are now whole. Comments and events without data are dropped: they
     * mean nothing and confuse some SDKs.
     *
     * @throws Fault if an event is larger than can be
     */
    public void accept(Buffer bytes, Consumer<SseEvent> events) {
        pending = pending.length() == 0 ? bytes : pending.appendBuffer(bytes);
        int start = 0;
        for (int end = end(scanned); end > 0; end = end(end)) {
            SseEvent event = read(pending.slice(start, end));
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

    private static @Nullable SseEvent read(Buffer raw) {
        byte[] bytes = raw.getBytes();
        String name = "";
        byte[] data = null;
        int line = 0;
        while (line < bytes.length) {
            int end = line;
            while (end < bytes.length && bytes[end] != '\n') {
                end++;
            }
            int text = end > line && bytes[end - 1] == '\r' ? end - 1 : end;
            if (startsWith(bytes, line, text, DATA)) {
                byte[] part = value(bytes, line + DATA.length, text);
                data = data == null ? part : joined(data, part);
            } else if (startsWith(bytes, line, text, EVENT)) {
                name = new String(value(bytes, line + EVENT.length, text), StandardCharsets.UTF_8);
            }
            line = end + 1;
        }
        return data == null ? null : new SseEvent(name, raw, data);
    }

    private static byte[] value(byte[] bytes, int from, int to) {
        int at = from < to && bytes[from] == ' ' ? from + 1 : from;
        byte[] value = new byte[to - at];
        System.arraycopy(bytes, at, value, 0, value.length);
        return value;
    }

    private static byte[] joined(byte[] first, byte[] second) {
        byte[] all = new byte[first.length + 1 + second.length];
        System.arraycopy(first, 0, all, 0, first.length);
        all[first.length] = '\n';
        System.arraycopy(second, 0, all, first.length + 1, second.length);
        return all;
    }

    private static boolean startsWith(byte[] bytes, int at, int to, byte[] prefix) {
        if (to - at < prefix.length) {
            return false;
        }
        for (int i = 0; i < prefix.length; i++) {
            if (bytes[at + i] != prefix[i]) {
                return false;
            }
        }
        return true;
    }
}
