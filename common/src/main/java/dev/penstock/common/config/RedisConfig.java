package dev.penstock.common.config;

import dev.penstock.common.unit.Secret;
import java.time.Duration;

/** Redis. Everything works without it, in the way that `docs/architecture.md` says. */
public record RedisConfig(
        @Setting(
                doc =
                        "URL such as redis://:password@host:6379; empty means that there is no Redis. `./penstock up` starts its own.")
        Secret url,

        @Setting(doc = "Longest wait for an answer.", value = "250ms", min = 1)
        Duration timeout,

        @Setting(doc = "Most commands that wait for a connection or an answer.", value = "4096", min = 1, max = 1000000)
        int maxWaiting) {}
