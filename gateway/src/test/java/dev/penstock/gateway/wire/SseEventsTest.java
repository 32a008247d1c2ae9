package dev.penstock.gateway.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.gateway.wire.SseEvents.Chunk;
import dev.penstock.gateway.wire.SseEvents.Done;
import dev.penstock.gateway.wire.SseEvents.Event;
import dev.penstock.gateway.wire.SseEvents.Failure;
import dev.penstock.gateway.wire.SseEvents.UsageChunk;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SseEventsTest {
    static final String STREAM = "data: {\"choices\":[{\"delta\":{\"content\":\"é\"},\"finish_reason\":null}]}\n\n"
            + ": ping\n\n"
            + "event: message\r\nid: 7\r\ndata:{\"choices\":[{\"finish_reason\": \"stop\"}]}\r\n\r\n"
            + "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}\n\n"
            + "data: [DONE]\n\n";

    @Test
    void cutsAndNamesEvents() {
        List<Event> events = read(STREAM, STREAM.length() * 2);
        assertThat(events).hasSize(4);
        assertThat(((Chunk) events.get(0)).finish()).isFalse();
        Chunk last = (Chunk) events.get(1);
        assertThat(last.finish()).isTrue();
        assertThat(last.bytes().toString()).isEqualTo("data: {\"choices\":[{\"finish_reason\": \"stop\"}]}\n\n");
        UsageChunk usage = (UsageChunk) events.get(2);
        assertThat(usage.alone()).isTrue();
        assertThat(usage.usage().outputTokens()).isEqualTo(2);
        assertThat(events.get(3)).isInstanceOf(Done.class);
    }

    @Test
    void anErrorOfTheBackendIsAFailureButItsNameInATextIsNot() {
        assertThat(read("data: {\"error\":{\"message\":\"x\"}}\n\n", 99)).hasOnlyElementsOfType(Failure.class);
        assertThat(read("data: {\"choices\":[{\"delta\":{\"content\":\"the \\\"error\\\" is\"}}]}\n\n", 999))
                .hasOnlyElementsOfType(Chunk.class);
        assertThat(read("data: {\"error\":null,\"choices\":[1]}\n\n", 99)).hasOnlyElementsOfType(Chunk.class);
    }

    static List<Event> read(String stream, int size) {
        SseEvents events = new SseEvents();
        List<Event> found = new ArrayList<>();
        Buffer bytes = Buffer.buffer(stream);
        for (int at = 0; at < bytes.length(); at += size) {
            events.accept(bytes.getBuffer(at, Math.min(bytes.length(), at + size)), found::add);
        }
        return found;
    }
}
