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
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A stream of named events, passed on byte for byte: OpenAI's responses or Anthropic's messages. Neither has the mark
 * {@code [DONE]}; a backend that sends it nevertheless is not repeated.
 */
public final class NamedStream implements StreamReader {
    private static final Buffer NOTHING = Buffer.buffer();
    private static final Buffer COMMENT = Buffer.buffer(": ping\n\n");
    /** Anthropic's own heartbeat, which its SDKs know. */
    private static final Buffer PING = Buffer.buffer("event: ping\ndata: {\"type\": \"ping\"}\n\n");

    private static final Set<String> LAST =
            Set.of("response.completed", "response.incomplete", "response.failed", "message_stop");

    private final boolean messages;
    private final SseCutter cutter = new SseCutter();
    private Usage usage = Usage.NONE;
    private boolean stopped;

    private NamedStream(boolean messages) {
        this.messages = messages;
    }

    public static NamedStream responses() {
        return new NamedStream(false);
    }

    public static NamedStream messages() {
        return new NamedStream(true);
    }

    @Override
    public void accept(Buffer bytes, Consumer<Event> events) {
        cutter.accept(bytes, event -> {
            Event made = event.is("[DONE]") ? (stopped ? new Done(NOTHING) : null) : read(event);
            if (made != null) {
                events.accept(made);
            }
        });
    }

    @Override
    public @Nullable Buffer closed() {
        return stopped ? NOTHING : null;
    }

    @Override
    public Usage usage() {
        return usage;
    }

    @Override
    public Buffer failure(Fault fault) {
        return messages ? failedMessages(fault) : failedResponses(fault);
    }

    @Override
    public Buffer ping() {
        return messages ? PING : COMMENT;
    }

    /** How Anthropic's clients are told of a failure in mid-stream. */
    static Buffer failedMessages(Fault fault) {
        return Buffer.buffer("event: error\ndata: ")
                .appendBuffer(ErrorBody.anthropic(fault, null))
                .appendString("\n\n");
    }

    private static Buffer failedResponses(Fault fault) {
        return Buffer.buffer("event: error\ndata: ")
                .appendBuffer(ErrorBody.responseEvent(fault))
                .appendString("\n\n");
    }

    private Event read(SseEvent event) {
        String name = event.name();
        boolean look = name.isEmpty()
                || name.equals("error")
                || name.equals("message_start")
                || name.equals("message_delta")
                || LAST.contains(name);
        if (!look) {
            return new Write(event.raw());
        }
        try {
            return known(event, Json.MAPPER.readTree(event.data()));
        } catch (IOException e) {
            throw Fault.of(FaultCode.UPSTREAM_ERROR, "The model sent an event that cannot be read.");
        }
    }

    private Event known(SseEvent event, JsonNode tree) {
        String type = tree.path("type").asText(event.name());
        switch (type) {
            case "error" -> {
                return new Failed(event.raw(), failure(tree));
            }
            case "message_start" ->
                usage = UsageFields.messages(tree.path("message").path("usage"));
            case "message_delta" -> usage = later(usage, tree.path("usage"));
            case "response.completed", "response.incomplete", "response.failed" ->
                usage = UsageFields.responses(tree.path("response").path("usage"));
            default -> {}
        }
        if (LAST.contains(type)) {
            stopped = true;
            return new Done(event.raw());
        }
        return new Write(event.raw());
    }

    /** The counts of a delta are totals; what it leaves out stays. */
    static Usage later(Usage before, JsonNode delta) {
        if (!delta.isObject()) {
            return before;
        }
        Usage now = UsageFields.messages(delta);
        return new Usage(
                delta.hasNonNull("input_tokens") ? now.inputTokens() : before.inputTokens(),
                delta.hasNonNull("cache_read_input_tokens") ? now.cachedTokens() : before.cachedTokens(),
                delta.hasNonNull("cache_creation_input_tokens") ? now.cacheWriteTokens() : before.cacheWriteTokens(),
                delta.hasNonNull("output_tokens") ? now.outputTokens() : before.outputTokens(),
                0,
                false);
    }

    /** Whether an overloaded server says so decides whether another one may be asked. */
    static Fault failure(JsonNode event) {
        String type = event.path("error").path("type").asText(event.path("code").asText(""));
        boolean busy = type.equals("overloaded_error")
                || type.equals("rate_limit_error")
                || type.equals("rate_limit_exceeded");
        return busy
                ? Fault.of(FaultCode.OVERLOADED, "The model's server is at its limit.")
                : Fault.of(FaultCode.UPSTREAM_ERROR, "The model failed while it answered.");
    }
}
