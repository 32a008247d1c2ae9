package dev.penstock.common.lifecycle;

import java.io.Serial;

/** The process cannot start. The message is one sentence for the person at the terminal: what is wrong and what to do. */
public final class StartException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    public StartException(String sentence) {
        super(sentence);
    }

    /** Keeps the cause for the log; the sentence must stand without it. */
    public StartException(String sentence, Throwable cause) {
        super(sentence, cause);
    }
}
