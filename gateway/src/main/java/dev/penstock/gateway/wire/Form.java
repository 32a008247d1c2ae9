package dev.penstock.gateway.wire;

import java.util.Locale;

/** The form of a request for a model, as its endpoint defines it. */
public enum Form {
    CHAT("messages", true),
    COMPLETIONS("prompt", true),
    RESPONSES("input", true),
    MODERATIONS("input", false),
    RERANK("documents", false),
    CLASSIFY("input", false),
    /** Anthropic's messages. */
    MESSAGES("messages", true),
    /** How many tokens messages have. */
    COUNT_TOKENS("messages", false);

    private final String subject;
    private final boolean streams;

    Form(String subject, boolean streams) {
        this.subject = subject;
        this.streams = streams;
    }

    /** The field that holds what the model is to work on. */
    String subject() {
        return subject;
    }

    /** Whether the model writes, and so whether an answer may come as a stream. */
    public boolean writes() {
        return streams;
    }

    /** Whether the end of a stream tells its usage only if that is asked for. */
    boolean usageOnRequest() {
        return this == CHAT || this == COMPLETIONS;
    }

    /** Whether a request without a model goes to the first one that does this. */
    public boolean modelOptional() {
        return this == MODERATIONS || this == RERANK || this == CLASSIFY;
    }

    /** Whether the same question has the same answer, whatever its parameters. */
    boolean repeatable() {
        return this == MODERATIONS || this == RERANK || this == CLASSIFY;
    }

    /** Whether temperature 0 or a seed make the answer one that does not change. A stored response is one of its own. */
    boolean canBeDeterministic() {
        return this == CHAT || this == COMPLETIONS || this == MESSAGES;
    }

    /** Whether the errors of the endpoint have Anthropic's body. */
    public boolean anthropic() {
        return this == MESSAGES || this == COUNT_TOKENS;
    }

    /** As in cache keys. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
