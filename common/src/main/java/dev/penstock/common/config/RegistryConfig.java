package dev.penstock.common.config;

import java.time.Duration;
import java.util.List;

/** Instances that register themselves through {@code POST /api/registry/{pool}}. */
public record RegistryConfig(
        @Setting(doc = "Pools that take registrations; without any, nobody can register.")
        List<String> pools,

        @Setting(doc = "Networks (CIDR) that registered addresses must be in; empty refuses all.")
        List<String> allow,

        @Setting(
                doc = "Time after its last heartbeat when an instance is taken out.",
                value = "10s",
                min = 500,
                max = 3_600_000)
        Duration lease,

        @Setting(doc = "Most instances of one pool.", value = "128", min = 1, max = 1024)
        int maxInstances) {
    public RegistryConfig {
        pools = List.copyOf(pools);
        allow = List.copyOf(allow);
    }
}
