package dev.penstock.common.config;

import dev.penstock.common.unit.Money;
import org.jspecify.annotations.Nullable;

/** What one model costs, at all its instances or at one of them. */
public record PriceConfig(
        @Setting(doc = "Name of the model, as in `models`.", value = Setting.REQUIRED)
        String model,

        @Setting(doc = "Instance that this price is for; empty means all that have none of their own.")
        String instance,

        @Setting(
                doc = "Per million tokens read that no prompt cache of the provider held.",
                value = Setting.REQUIRED,
                min = 0,
                max = MAX)
        Money input,

        @Setting(
                doc = "Per million tokens read from the provider's prompt cache; empty takes `input`.",
                min = 0,
                max = MAX)
        @Nullable
        Money cachedInput,

        @Setting(
                doc = "Per million tokens read and put into the provider's prompt cache; empty takes `input`.",
                min = 0,
                max = MAX)
        @Nullable
        Money cacheWrite,

        @Setting(doc = "Per million tokens written; empty: a call that writes has no known price.", min = 0, max = MAX)
        @Nullable
        Money output,

        @Setting(doc = "Per million tokens of reasoning; empty takes `output`.", min = 0, max = MAX) @Nullable
        Money reasoning,

        @Setting(doc = "Per call, beside its tokens.", value = "0usd", min = 0, max = MAX)
        Money request) {
    /** The most that a price may be, in nano-dollars: 1000usd. Keeps every product within a long. */
    static final long MAX = 1_000_000_000_000L;
}
