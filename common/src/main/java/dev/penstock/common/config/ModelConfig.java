package dev.penstock.common.config;

import dev.penstock.common.contract.Operation;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A model that callers can name, and the instances that serve it. */
public record ModelConfig(
        @Setting(doc = "Name that callers use.", value = Setting.REQUIRED)
        String name,

        @Setting(
                doc = "What it can do: chat, completions, responses, embeddings, moderations, rerank, classify.",
                value = Setting.REQUIRED)
        List<Operation> operations,

        @Setting(doc = "Who is shown as owner in /v1/models.", value = "penstock")
        String ownedBy,

        @Setting(doc = "Where it runs; at least one.", value = Setting.REQUIRED)
        List<InstanceConfig> instances,

        @Setting(doc = "Longest time for one call to an instance.", value = "10m", min = 1)
        Duration timeout,

        @Setting(doc = "Most items in one merged call; empty takes batching.max-items.", min = 1, max = 2048) @Nullable
        Integer maxItems,

        @Setting(doc = "Changes the cache keys of this model, for a model that changes behind the same name.")
        String version) {
    public ModelConfig {
        operations = List.copyOf(operations);
        instances = List.copyOf(instances);
    }

    public boolean can(Operation operation) {
        return operations.contains(operation);
    }
}
