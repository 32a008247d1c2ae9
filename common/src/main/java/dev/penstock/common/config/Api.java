package dev.penstock.common.config;

import dev.penstock.common.contract.Operation;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** The API that an instance speaks. What each one means on the wire is in docs/models.md. */
public enum Api {
    /** OpenAI's, and the many servers that imitate it. */
    OPENAI,
    /** Azure OpenAI: the v1 API, or deployments where {@code api-version} is set. */
    AZURE,
    /** Anthropic's Messages API. */
    ANTHROPIC,
    /** Ollama: OpenAI's API, and its own for embeddings with options that only it knows. */
    OLLAMA,
    /** vLLM: OpenAI's API, and its own for reranking and classification. */
    VLLM,
    /** Hugging Face's text-embeddings-inference, by its own API. */
    TEI;

    /** Whether an instance with this API can be asked for that. */
    public boolean can(Operation operation) {
        return switch (this) {
            case OPENAI -> true;
            case AZURE, OLLAMA ->
                switch (operation) {
                    case CHAT, COMPLETIONS, RESPONSES, EMBEDDINGS -> true;
                    case MODERATIONS, RERANK, CLASSIFY -> false;
                };
            case ANTHROPIC -> operation == Operation.CHAT;
            case VLLM -> operation != Operation.MODERATIONS;
            case TEI ->
                operation == Operation.EMBEDDINGS || operation == Operation.RERANK || operation == Operation.CLASSIFY;
        };
    }

    /** What can be asked for, as written in the configuration. */
    String shown() {
        return Arrays.stream(Operation.values())
                .filter(this::can)
                .map(Operation::label)
                .collect(Collectors.joining(", "));
    }

    /** As written in the configuration. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
