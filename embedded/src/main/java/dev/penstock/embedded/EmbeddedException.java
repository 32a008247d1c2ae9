package dev.penstock.embedded;

import java.io.Serial;

/**
 * The embedded servers cannot run here. The message is one sentence for the person at the terminal: what
 * is wrong, and what to do about it.
 */
public final class EmbeddedException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    /** A cause that needs no further trace: the sentence says it all. */
    public EmbeddedException(String sentence) {
        super(sentence);
    }

    /** Keeps the cause for the log; the sentence must stand without it. */
    public EmbeddedException(String sentence, Throwable cause) {
        super(sentence, cause);
    }
}
