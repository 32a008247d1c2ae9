package dev.penstock.common.config;

import java.time.Duration;

/** How items are merged, and how instances are chosen, retried and cut off. */
public record BatchingConfig(
        @Setting(doc = "Most items in one merged call.", value = "32", min = 1, max = 2048)
        int maxItems,

        @Setting(doc = "Most estimated tokens in one merged call.", value = "300000", min = 1)
        int maxTokens,

        @Setting(
                doc = "Merged calls in flight per instance; the wait for a free one is what fills batches.",
                value = "1",
                min = 1,
                max = 256)
        int slotsPerInstance,

        @Setting(
                doc = "Most items that wait in one pool; more are refused at once.",
                value = "10000",
                min = 1,
                max = 1000000)
        int maxQueue,

        @Setting(doc = "Most calls for one request, the first included.", value = "3", min = 1, max = 10)
        int maxAttempts,

        @Setting(doc = "Failures within the window that open an instance's breaker.", value = "5", min = 1, max = 1000)
        int breakerFailures,

        @Setting(doc = "Window of the breaker.", value = "10s", min = 100)
        Duration breakerWindow,

        @Setting(doc = "How long an open breaker waits before it tries again.", value = "5s", min = 10)
        Duration breakerReset,

        @Setting(doc = "Time to connect to an instance.", value = "3s", min = 1)
        Duration connectTimeout,

        @Setting(doc = "How often gateways renew leases; two missed renewals end them.", value = "2s", min = 100)
        Duration leaseRenewal) {}
