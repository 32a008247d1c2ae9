package dev.penstock.sandbox;

import java.util.Locale;

/** The endpoints that do work, as the counters tell them apart. */
public enum Endpoint {
    /** {@code POST /v1/chat/completions}. */
    CHAT("sandbox-chat"),
    /** {@code POST /v1/embeddings}. */
    EMBEDDINGS("sandbox-embed"),
    /** {@code POST /v1/classify}. */
    CLASSIFY("sandbox-classify"),
    /** {@code POST /v1/completions}. */
    COMPLETIONS("sandbox-chat"),
    /** {@code POST /v1/responses}. */
    RESPONSES("sandbox-chat"),
    /** {@code POST /v1/messages} and {@code /v1/messages/count_tokens}. */
    MESSAGES("sandbox-chat"),
    /** {@code POST /v1/moderations}. */
    MODERATIONS("sandbox-moderation"),
    /** {@code POST /v1/rerank}. */
    RERANK("sandbox-rerank");

    private final String model;

    Endpoint(String model) {
        this.model = model;
    }

    /** The model it serves; names that begin like this are served too, so that tests can have several. */
    public String model() {
        return model;
    }

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
