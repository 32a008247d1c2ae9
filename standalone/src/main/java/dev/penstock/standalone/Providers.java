package dev.penstock.standalone;

import java.util.Optional;

/**
 * The providers that the environment names; their models are offered when the configuration names none.
 *
 * @param ollama address of an Ollama, as in its own OLLAMA_HOST
 */
public record Providers(Optional<String> openAiKey, Optional<String> anthropicKey, Optional<String> ollama) {
    static final Providers NONE = new Providers(Optional.empty(), Optional.empty(), Optional.empty());

    /** Without the keys. */
    @Override
    public String toString() {
        return "Providers[openAi=" + openAiKey.isPresent() + ", anthropic=" + anthropicKey.isPresent() + ", ollama="
                + ollama + "]";
    }
}
