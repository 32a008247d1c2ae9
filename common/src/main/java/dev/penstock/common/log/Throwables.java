package dev.penstock.common.log;

import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.StackTraceElementProxy;
import org.jspecify.annotations.Nullable;

/** Stack traces of bounded length: the innermost frames of each exception, and a few causes. */
final class Throwables {
    private static final int FRAMES = 30;
    private static final int CAUSES = 5;
    private static final int MESSAGE = 2_000;

    private Throwables() {}

    static String message(IThrowableProxy thrown) {
        String message = thrown.getMessage();
        return message == null ? "" : Masks.bounded(message, MESSAGE);
    }

    /** As Java prints it; the lines end in a line feed. */
    static String stack(IThrowableProxy thrown) {
        StringBuilder text = new StringBuilder();
        @Nullable IThrowableProxy next = thrown;
        for (int depth = 0; next != null && depth < CAUSES; depth++) {
            text.append(depth == 0 ? "" : "Caused by: ").append(next.getClassName());
            text.append(": ").append(message(next)).append('\n');
            StackTraceElementProxy[] frames = next.getStackTraceElementProxyArray();
            int shown = Math.min(FRAMES, frames.length - next.getCommonFrames());
            for (int i = 0; i < shown; i++) {
                text.append("  ").append(frames[i].getSTEAsString()).append('\n');
            }
            if (shown < frames.length) {
                text.append("  … ").append(frames.length - shown).append(" more\n");
            }
            next = next.getCause();
        }
        return text.toString();
    }
}
