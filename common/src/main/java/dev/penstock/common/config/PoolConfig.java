package dev.penstock.common.config;

import java.time.Duration;
import java.util.List;

/** A pool of ordinary HTTP instances: who they are, who takes the next call, and when one is left out. */
public record PoolConfig(
        @Setting(
                doc = "Who takes the next call: hot-cold, round-robin, least-connections, weighted, consistent-hash.",
                value = "hot-cold")
        Balancing balancing,

        @Setting(doc = "Instances that are always there.") List<PoolInstanceConfig> instances,

        @Setting(doc = "Instances that come and go by themselves.")
        DiscoveryConfig discovery,

        @Setting(
                doc = "Time in which a new or recovered instance grows from a tenth to its full share.",
                value = "30s",
                min = 0)
        Duration slowStart,

        @Setting(
                doc = "With consistent-hash: most that an instance may have in flight, in percent of its fair share.",
                value = "125",
                min = 100,
                max = 1000)
        int loadBound,

        @Setting(doc = "Callers that must meet the same instance again.")
        AffinityConfig affinity,

        @Setting(doc = "Checks of the instances.") HealthCheckConfig health,
        @Setting(doc = "Ejection of instances that fail.") OutlierConfig outlier,
        @Setting(doc = "Circuit breaker of each instance.") BreakerConfig breaker,
        @Setting(doc = "Repetition of failed calls.") RetriesConfig retries,
        @Setting(doc = "Connections and timeouts.") PoolConnectionsConfig connections,

        @Setting(doc = "TLS towards the instances.") UpstreamTlsConfig tls) {
    public PoolConfig {
        instances = List.copyOf(instances);
    }
}
