package dev.penstock.common.config;

import dev.penstock.common.unit.Secret;
import java.time.Duration;

/** Postgres. Answering requests works without it once a process is up. */
public record PostgresConfig(
        @Setting(
                doc =
                        "URL of the application's role, such as postgresql://user:password@host:5432/penstock; empty means"
                                + " that there is no Postgres. `./penstock up` starts its own.")
        Secret url,

        @Setting(doc = "URL of the schema's owner, who migrates; empty uses `url`.")
        Secret ownerUrl,

        @Setting(doc = "Connections per process.", value = "8", min = 1, max = 200)
        int poolSize,

        @Setting(doc = "Most statements that wait for a connection.", value = "512", min = 1, max = 100000)
        int maxWaiting,

        @Setting(doc = "Longest wait for an answer.", value = "3s", min = 1)
        Duration timeout) {}
