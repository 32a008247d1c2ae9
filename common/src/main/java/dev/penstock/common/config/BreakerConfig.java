package dev.penstock.common.config;

import java.time.Duration;

/** The circuit breaker of each instance. */
public record BreakerConfig(
        @Setting(doc = "Failures in a row that open it; 0 leaves only the share.", value = "10", min = 0, max = 10000)
        int failures,

        @Setting(doc = "Share of failures in the window that opens it, in percent.", value = "50", min = 1, max = 100)
        int failurePercent,

        @Setting(doc = "Calls in the window below which shares say nothing.", value = "20", min = 1, max = 100000)
        int minCalls,

        @Setting(doc = "The window.", value = "10s", min = 100)
        Duration window,

        @Setting(doc = "Latency from which a call is slow; 0ms counts none.", value = "0ms", min = 0)
        Duration slow,

        @Setting(doc = "Share of slow calls that opens it, in percent.", value = "80", min = 1, max = 100)
        int slowPercent,

        @Setting(doc = "Time until it is tried again; doubles with each vain try.", value = "5s", min = 10)
        Duration reset,

        @Setting(doc = "Longest time until it is tried again.", value = "1m", min = 10)
        Duration maxReset,

        @Setting(
                doc = "Probes of the last round before it closes; the rounds are 1, 2, 4 … of them.",
                value = "8",
                min = 1,
                max = 64)
        int probes) {}
