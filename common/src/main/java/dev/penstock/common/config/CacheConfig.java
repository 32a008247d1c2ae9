package dev.penstock.common.config;

import dev.penstock.common.unit.DataSize;
import java.time.Duration;

/** Cache tiers. */
public record CacheConfig(
        @Setting(doc = "Whether answers are kept at all.", value = "true")
        boolean enabled,

        @Setting(doc = "Heap that each gateway gives to the near cache.", value = "64MiB", min = 0)
        DataSize nearSize,

        @Setting(doc = "Heap that cache-service uses while Redis is away.", value = "64MiB", min = 0)
        DataSize memorySize,

        @Setting(
                doc = "How long a gateway may serve from its near cache without hearing from cache-service.",
                value = "1s",
                min = 100)
        Duration coherenceLease,

        @Setting(doc = "How long embeddings are kept.", value = "24h", min = 1000)
        Duration embeddingTtl,

        @Setting(doc = "How long deterministic completions are kept.", value = "1h", min = 1000)
        Duration completionTtl,

        @Setting(doc = "How long rankings, classes and moderations are kept.", value = "15m", min = 1000)
        Duration analysisTtl,

        @Setting(
                doc = "How long the answer to an Idempotency-Key is given again; at least nine tenths of it.",
                value = "24h",
                min = 1000)
        Duration idempotencyTtl,

        @Setting(doc = "Answers that took at least this long are also kept in Postgres.", value = "500ms", min = 0)
        Duration lastingThreshold,

        @Setting(doc = "Largest answer that is kept.", value = "2MiB", min = 1024)
        DataSize maxEntry) {}
