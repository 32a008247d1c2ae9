package dev.penstock.common.upstream;

import dev.penstock.common.config.Api;
import dev.penstock.common.contract.Operation;
import io.vertx.core.buffer.Buffer;
import java.util.Map;

/**
 * A call as its instance's API wants it.
 *
 * @param path below the instance's base, as {@link #path} makes it
 * @param headers beyond what every call to the instance has; they replace those of the same name
 */
public record Outbound(String path, Map<String, String> headers, Buffer body) {
    public Outbound {
        headers = Map.copyOf(headers);
    }

    public static Outbound of(String path, Buffer body) {
        return new Outbound(path, Map.of(), body);
    }

    /** Where an API has an operation. Azure's deployments have OpenAI's paths. */
    public static String path(Api api, Operation operation) {
        return switch (api) {
            case OPENAI, AZURE -> operation.path();
            case ANTHROPIC -> "/v1/messages";
            case OLLAMA -> "/v1" + operation.path();
            case VLLM -> operation == Operation.CLASSIFY ? "/classify" : "/v1" + operation.path();
            case TEI ->
                switch (operation) {
                    case EMBEDDINGS -> "/embed";
                    case CLASSIFY -> "/predict";
                    default -> operation.path();
                };
        };
    }
}
