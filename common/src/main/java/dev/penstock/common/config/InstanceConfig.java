package dev.penstock.common.config;

import dev.penstock.common.unit.Secret;
import org.jspecify.annotations.Nullable;

/** One place where a model runs. */
public record InstanceConfig(
        @Setting(doc = "Name, unique in its model.", value = Setting.REQUIRED)
        String name,

        @Setting(doc = "Base URL up to and with /v1, or `sandbox` for the built-in models.", value = Setting.REQUIRED)
        String url,

        @Setting(doc = "Key, sent as the API wants it; empty sends none.")
        Secret apiKey,

        @Setting(doc = "The model's name at this instance; empty takes the caller's.")
        String model,

        @Setting(doc = "Share of the traffic relative to the others.", value = "1", min = 1, max = 1000)
        int weight,

        @Setting(doc = "Most calls in flight at once, merged ones counted once.", value = "64", min = 1, max = 10000)
        int maxConcurrency,

        @Setting(doc = "What it speaks; openai is also for the many servers that imitate it.", value = "openai")
        Api api,

        @Setting(
                doc =
                        "Azure: empty means the v1 API, a version means deployments. Anthropic: the version that is sent, "
                                + "2023-06-01 if empty.")
        String apiVersion,

        @Setting(doc = "Azure with api-version: the deployment; empty takes model.")
        String deployment,

        @Setting(
                doc = "Anthropic: most tokens to write where the caller does not say; empty means 4096.",
                min = 1,
                max = 1_000_000)
        @Nullable
        Integer maxTokens) {

    /** One that speaks OpenAI's API. */
    public InstanceConfig(String name, String url, Secret apiKey, String model, int weight, int maxConcurrency) {
        this(name, url, apiKey, model, weight, maxConcurrency, Api.OPENAI, "", "", null);
    }
}
