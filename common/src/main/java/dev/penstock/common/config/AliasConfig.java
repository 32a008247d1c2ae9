package dev.penstock.common.config;

import java.util.List;

/** A name that stands for one model or for several, each with its share of the traffic. */
public record AliasConfig(
        @Setting(doc = "Name that callers use; no model has it.", value = Setting.REQUIRED)
        String name,

        @Setting(doc = "What it stands for; at least one.", value = Setting.REQUIRED)
        List<AliasTargetConfig> targets,

        @Setting(
                doc =
                        "What stays with one target: key (all requests of a key) or request (each is dealt out by itself; those "
                                + "with one Idempotency-Key stay together).",
                value = "key")
        Spread spread) {
    public AliasConfig {
        targets = List.copyOf(targets);
    }

    /** What is dealt out to the targets. */
    public enum Spread {
        KEY,
        REQUEST
    }
}
