package dev.penstock.common.log;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.core.encoder.EncoderBase;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.KeyValuePair;

/**
 * One JSON object per line. Key-value pairs of the fluent API become fields of their own; everything is masked and
 * bounded. Safe for any thread.
 */
public final class JsonEncoder extends EncoderBase<ILoggingEvent> {
    private static final int MESSAGE = 8_000;
    private static final int VALUE = 1_000;
    private static final int MAX_PAIRS = 32;
    private static final Set<String> OWN =
            Set.of("ts", "level", "logger", "thread", "msg", "service", "member", "error");
    private static final byte[] NOTHING = new byte[0];

    private final JsonFactory json = new JsonFactory();
    private final String service;
    private final String member;

    public JsonEncoder(String service, String member) {
        this.service = service;
        this.member = member;
    }

    @Override
    public byte[] headerBytes() {
        return NOTHING;
    }

    @Override
    public byte[] footerBytes() {
        return NOTHING;
    }

    /** Text and not bytes is what is generated: a broken surrogate in a message must not cost the line. */
    @Override
    public byte[] encode(ILoggingEvent event) {
        StringWriter line = new StringWriter(512);
        try (JsonGenerator out = json.createGenerator(line)) {
            out.writeStartObject();
            out.writeStringField("ts", event.getInstant().toString());
            out.writeStringField("level", event.getLevel().toString());
            out.writeStringField("logger", event.getLoggerName());
            out.writeStringField("thread", event.getThreadName());
            out.writeStringField("msg", Masks.bounded(String.valueOf(event.getFormattedMessage()), MESSAGE));
            out.writeStringField("service", service);
            out.writeStringField("member", member);
            correlation(out, event);
            pairs(out, event.getKeyValuePairs());
            error(out, event.getThrowableProxy());
            out.writeEndObject();
        } catch (IOException e) {
            throw new IllegalStateException("text in memory failed to take a line", e);
        }
        return line.append('\n').toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void correlation(JsonGenerator out, ILoggingEvent event) throws IOException {
        Correlation current = Correlation.notedOn(event) ? null : Correlation.current();
        if (current != null) {
            out.writeStringField(Correlation.ID, Masks.bounded(current.correlationId(), VALUE));
            if (current.traceId() != null) {
                out.writeStringField(Correlation.TRACE, current.traceId());
            }
        }
    }

    private static void pairs(JsonGenerator out, @Nullable List<KeyValuePair> pairs) throws IOException {
        if (pairs == null) {
            return;
        }
        Set<String> written = new HashSet<>(OWN);
        for (KeyValuePair pair : pairs) {
            if (written.size() < OWN.size() + MAX_PAIRS && written.add(pair.key)) {
                out.writeFieldName(pair.key);
                value(out, pair.value);
            }
        }
    }

    private static void value(JsonGenerator out, @Nullable Object value) throws IOException {
        switch (value) {
            case null -> out.writeNull();
            case Boolean bool -> out.writeBoolean(bool);
            case Integer number -> out.writeNumber(number);
            case Long number -> out.writeNumber(number);
            case Double number when Double.isFinite(number) -> out.writeNumber(number);
            default -> out.writeString(Masks.bounded(value.toString(), VALUE));
        }
    }

    private static void error(JsonGenerator out, @Nullable IThrowableProxy thrown) throws IOException {
        if (thrown != null) {
            out.writeObjectFieldStart("error");
            out.writeStringField("type", thrown.getClassName());
            out.writeStringField("message", Throwables.message(thrown));
            out.writeStringField("stack", Throwables.stack(thrown));
            out.writeEndObject();
        }
    }
}
