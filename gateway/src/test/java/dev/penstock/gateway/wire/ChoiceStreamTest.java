package dev.penstock.gateway.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.gateway.wire.StreamReader.Done;
import dev.penstock.gateway.wire.StreamReader.Event;
import dev.penstock.gateway.wire.StreamReader.Failed;
import dev.penstock.gateway.wire.StreamReader.Write;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChoiceStreamTest {
    static final String STREAM = "data: {\"choices\":[{\"delta\":{\"content\":\"é\"},\"finish_reason\":null}]}\n\n"
            + ": ping\n\n"
            + "event: message\r\nid: 7\r\ndata:{\"choices\":[{\"finish_reason\": \"stop\"}]}\r\n\r\n"
            + "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}\n\n"
            + "data: [DONE]\n\n";

    @Test
    void passesEventsOnInThePlainFormAndKeepsTheUsage() {
        ChoiceStream reader = new ChoiceStream(true);
        List<Event> events = read(reader, STREAM, STREAM.length() * 2);
        assertThat(events).hasSize(4);
        assertThat(text(events.get(1))).isEqualTo("data: {\"choices\":[{\"finish_reason\": \"stop\"}]}\n\n");
        assertThat(reader.usage().outputTokens()).isEqualTo(2);
        assertThat(events.get(3)).isInstanceOf(Done.class);
    }

    @Test
    void keepsTheUsageChunkFromWhoDidNotAskForIt() {
        ChoiceStream reader = new ChoiceStream(false);
        assertThat(read(reader, STREAM, 999)).hasSize(3);
        assertThat(reader.usage().inputTokens()).isEqualTo(1);
    }

    @Test
    void anAnswerThatFinishedNeedsNoEndMarkAndOneThatDidNotIsBroken() {
        ChoiceStream reader = new ChoiceStream(false);
        read(reader, STREAM.substring(0, STREAM.indexOf(": ping")), 999);
        assertThat(reader.closed()).isNull();
        read(reader, STREAM.substring(STREAM.indexOf("event:"), STREAM.indexOf("data: {\"choices\":[],")), 999);
        assertThat(String.valueOf(reader.closed())).isEqualTo("data: [DONE]\n\n");
    }

    @Test
    void anErrorOfTheBackendIsAFailureButItsNameInATextIsNot() {
        assertThat(read("data: {\"error\":{\"message\":\"x\"}}\n\n", 99)).hasOnlyElementsOfType(Failed.class);
        assertThat(read("data: {\"choices\":[{\"delta\":{\"content\":\"the \\\"error\\\" is\"}}]}\n\n", 999))
                .hasOnlyElementsOfType(Write.class);
        assertThat(read("data: {\"error\":null,\"choices\":[1]}\n\n", 99)).hasOnlyElementsOfType(Write.class);
    }

    static List<Event> read(String stream, int size) {
        return read(new ChoiceStream(true), stream, size);
    }

    static List<Event> read(StreamReader reader, String stream, int size) {
        List<Event> found = new ArrayList<>();
        Buffer bytes = Buffer.buffer(stream);
        for (int at = 0; at < bytes.length(); at += size) {
            reader.accept(bytes.getBuffer(at, Math.min(bytes.length(), at + size)), found::add);
        }
        return found;
    }

    static String text(Event event) {
        return switch (event) {
            case Write(Buffer bytes) -> bytes.toString();
            case Done(Buffer bytes) -> bytes.toString();
            case Failed failed -> failed.bytes().toString();
        };
    }
}
