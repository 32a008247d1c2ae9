package dev.penstock.common.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.encoder.EncoderBase;
import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import org.slf4j.event.KeyValuePair;

/** Lines for people at a terminal. Masked as the JSON ones are; control characters cannot move the cursor. */
public final class TextEncoder extends EncoderBase<ILoggingEvent> {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("HH:mm:ss.SSS").withZone(ZoneId.systemDefault());
    private static final int MESSAGE = 8_000;
    private static final byte[] NOTHING = new byte[0];
    private static final String PLAIN = "\u001b[0m";

    private final boolean colours;

    /** @param colours whether warnings and errors stand out in colour */
    public TextEncoder(boolean colours) {
        this.colours = colours;
    }

    @Override
    public byte[] headerBytes() {
        return NOTHING;
    }

    @Override
    public byte[] footerBytes() {
        return NOTHING;
    }

    @Override
    public byte[] encode(ILoggingEvent event) {
        StringBuilder line = new StringBuilder(160);
        line.append(TIME.format(event.getInstant())).append(' ');
        level(line, event.getLevel());
        line.append(' ').append(brief(event.getLoggerName())).append(": ");
        line.append(visible(Masks.bounded(String.valueOf(event.getFormattedMessage()), MESSAGE)));
        List<KeyValuePair> pairs = event.getKeyValuePairs();
        if (pairs != null) {
            for (KeyValuePair pair : pairs) {
                line.append(' ').append(pair.key).append('=');
                line.append(visible(Masks.bounded(String.valueOf(pair.value), MESSAGE)));
            }
        }
        line.append('\n');
        if (event.getThrowableProxy() != null) {
            line.append(visible(Throwables.stack(event.getThrowableProxy())));
        }
        return line.toString().getBytes(StandardCharsets.UTF_8);
    }

    private void level(StringBuilder line, Level level) {
        String colour = level.isGreaterOrEqual(Level.ERROR)
                ? "\u001b[31m"
                : level.isGreaterOrEqual(Level.WARN) ? "\u001b[33m" : "";
        boolean coloured = colours && !colour.isEmpty();
        line.append(coloured ? colour : "").append(level.toString());
        line.append(coloured ? PLAIN : "")
                .repeat(' ', 5 - Math.min(5, level.toString().length()));
    }

    private static String brief(String logger) {
        return logger.substring(logger.lastIndexOf('.') + 1);
    }

    private static String visible(String text) {
        StringBuilder shown = null;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean control = Character.isISOControl(c) && c != '\n' && c != '\t';
            if (control && shown == null) {
                shown = new StringBuilder(text.length()).append(text, 0, i);
            }
            if (shown != null) {
                shown.append(control ? '?' : c);
            }
        }
        return shown == null ? text : shown.toString();
    }
}
