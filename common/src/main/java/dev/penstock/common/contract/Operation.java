package dev.penstock.common.contract;

import java.util.Locale;

/**
 * What a model is asked to do; decides whether calls can be merged and whether they may be repeated. How an instance is
 * asked depends on its API. A conversation in Anthropic's form ({@code /v1/messages}) is a {@link #CHAT} too.
 */
public enum Operation {
    EMBEDDINGS("/embeddings", true, true),
    CHAT("/chat/completions", false, false),
    COMPLETIONS("/completions", false, false),
    RESPONSES("/responses", false, false),
    MODERATIONS("/moderations", false, true),
    RERANK("/rerank", false, true),
    CLASSIFY("/classify", false, true);

    private final String path;
    private final boolean mergeable;
    private final boolean repeatable;

    Operation(String path, boolean mergeable, boolean repeatable) {
        this.path = path;
        this.mergeable = mergeable;
        this.repeatable = repeatable;
    }

    /** The path below {@code /v1} in OpenAI's API and in those made like it. */
    public String path() {
        return path;
    }

    /** Whether items of different callers may leave as one call. */
    public boolean mergeable() {
        return mergeable;
    }

    /** Whether the same question has the same answer and no effect: it may be asked again, kept, and shared. */
    public boolean repeatable() {
        return repeatable;
    }

    /** As in labels and logs. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
