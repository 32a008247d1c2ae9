package dev.penstock.gateway.wire;

import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.common.contract.Usage;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.upstream.UsageFields;
import dev.penstock.gateway.http.ErrorBody;
import dev.penstock.gateway.wire.SseCutter.SseEvent;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** OpenAI's stream of chats and completions, passed on as it is but for the usage chunk that only we asked for. */
public final class ChoiceStream implements StreamReader {
    private static final Buffer PING = Buffer.buffer(": ping\n\n");
    private static final Buffer DONE = Buffer.buffer("data: [DONE]\n\n");
    private static final byte[] USAGE = "\"usage\"".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] ERROR = "\"error\"".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] FINISH = "\"finish_reason\"".getBytes(StandardCharsets.US_ASCII);

    private final boolean wantsUsage;
    private final SseCutter cutter = new SseCutter();
    private Usage usage = Usage.NONE;
    private boolean finished;

    /** @param wantsUsage whether the caller asked for the usage chunk */
    public ChoiceStream(boolean wantsUsage) {
        this.wantsUsage = wantsUsage;
    }

    @Override
    public void accept(Buffer bytes, Consumer<Event> events) {
        cutter.accept(bytes, event -> {
            Event made = read(event);
            if (made != null) {
                events.accept(made);
            }
        });
    }

    @Override
    public @Nullable Buffer closed() {
        return finished ? DONE : null;
    }

    @Override
    public Usage usage() {
        return usage;
    }

    @Override
    public Buffer failure(Fault fault) {
        return failed(fault);
    }

    @Override
    public Buffer ping() {
        return PING;
    }

    /** How OpenAI's clients are told of a failure in mid-stream. */
    static Buffer failed(Fault fault) {
        return Buffer.buffer("data: ")
                .appendBuffer(ErrorBody.openAi(fault))
                .appendString("\n\n")
                .appendBuffer(DONE);
    }

    private @Nullable Event read(SseEvent event) {
        if (event.is("[DONE]")) {
            return new Done(DONE);
        }
        byte[] data = event.data();
        finished |= indexOf(data, FINISH, 0) >= 0 && finished(data);
        boolean look = indexOf(data, USAGE, 0) >= 0 || indexOf(data, ERROR, 0) >= 0;
        return look ? parsed(event) : new Write(framed(data));
    }

    /** What the model's server says about its failure goes to the caller, who may see what it was asked. */
    private @Nullable Event parsed(SseEvent event) {
        Buffer framed = framed(event.data());
        try {
            JsonNode tree = Json.MAPPER.readTree(event.data());
            if (tree.hasNonNull("error")) {
                return failure(framed);
            }
            if (tree.path("usage").isObject()) {
                usage = UsageFields.openAi(tree.path("usage"));
                boolean alone = tree.path("choices").isEmpty();
                return alone && !wantsUsage ? null : new Write(framed);
            }
        } catch (IOException e) {
            return failure(framed);
        }
        return new Write(framed);
    }

    private static Failed failure(Buffer framed) {
        return new Failed(
                framed.copy().appendBuffer(DONE),
                Fault.of(FaultCode.UPSTREAM_ERROR, "The model failed while it answered."));
    }

    /** One event in the plain form: {@code data: …} and a blank line. */
    private static Buffer framed(byte[] data) {
        return Buffer.buffer(data.length + 8)
                .appendString("data: ")
                .appendBytes(data)
                .appendString("\n\n");
    }

    /** Whether a {@code finish_reason} is anything but null. */
    private static boolean finished(byte[] bytes) {
        for (int at = indexOf(bytes, FINISH, 0); at >= 0; at = indexOf(bytes, FINISH, at + 1)) {
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
