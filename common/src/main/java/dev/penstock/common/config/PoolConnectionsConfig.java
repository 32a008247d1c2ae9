package dev.penstock.common.config;

import java.time.Duration;

/** Connections from one gateway to each instance, and how long they may take. */
public record PoolConnectionsConfig(
        @Setting(doc = "Most connections to one instance.", value = "64", min = 1, max = 10000)
        int max,

        @Setting(doc = "Most calls that wait for a connection to one instance.", value = "64", min = 0, max = 10000)
        int maxWaiting,

        @Setting(doc = "Longest wait for a connection to be made.", value = "2s", min = 10)
        Duration connectTimeout,

        @Setting(doc = "Longest wait for the head of an answer.", value = "30s", min = 10)
        Duration timeout,

        @Setting(doc = "Time that an unused connection is kept.", value = "30s", min = 1000)
        Duration keepAlive) {}
