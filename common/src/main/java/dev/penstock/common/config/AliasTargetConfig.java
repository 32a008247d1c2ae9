package dev.penstock.common.config;

/** One of the models that an alias stands for. */
public record AliasTargetConfig(
        @Setting(doc = "Name of a model, or of another alias.", value = Setting.REQUIRED)
        String model,

        @Setting(doc = "Share relative to the other targets; 0 sends nothing there.", value = "1", min = 0, max = 10000)
        int weight) {}
