package dev.penstock.common.config;

import dev.penstock.common.unit.Secret;

/** One place where a model runs: any server that speaks the OpenAI API. */
public record InstanceConfig(
        @Setting(doc = "Name, unique in its model.", value = Setting.REQUIRED)
        String name,

        @Setting(doc = "Base URL up to and with /v1, or `sandbox` for the built-in models.", value = Setting.REQUIRED)
        String url,

        @Setting(doc = "Key sent as a bearer token; empty sends none.")
        Secret apiKey,

        @Setting(doc = "The model's name at this instance; empty takes the caller's.")
        String model,

        @Setting(doc = "Share of the traffic relative to the others.", value = "1", min = 1, max = 1000)
        int weight,

        @Setting(doc = "Most calls in flight at once, merged ones counted once.", value = "64", min = 1, max = 10000)
        int maxConcurrency) {}
