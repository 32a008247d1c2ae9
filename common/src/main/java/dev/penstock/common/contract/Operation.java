package dev.penstock.common.contract;

import java.util.Locale;

/** What a model is asked to do; decides whether calls can be merged and whether they may be repeated. */
public enum Operation {
    EMBEDDINGS("/embeddings", true),
    CHAT("/chat/completions", false);

    private final String path;
    private final boolean mergeable;

    Operation(String path, boolean mergeable) {
        this.path = path;
        this.mergeable = mergeable;
    }

    /** The path below the backend's base URL. */
    public String path() {
        return path;
    }

    /** Whether items of different callers may leave as one call; such work is also safe to repeat. */
    public boolean mergeable() {
        return mergeable;
    }

    /** As in labels and logs. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
