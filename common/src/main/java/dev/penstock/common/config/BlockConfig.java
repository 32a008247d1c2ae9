package dev.penstock.common.config;

import java.time.Duration;

/** When an address is blocked and for how long. IPv6 addresses count by /64. */
public record BlockConfig(
        @Setting(doc = "Whether addresses are blocked by themselves.", value = "true")
        boolean automatic,

        @Setting(doc = "Time over which misdeeds are counted.", value = "1m", min = 1000)
        Duration window,

        @Setting(doc = "Refused keys, tokens or passwords in the window; 0 never blocks.", value = "10", min = 0)
        int failures,

        @Setting(
                doc = "Requests in the window for paths that only a scanner asks for, such as /.env; 0 never blocks.",
                value = "5",
                min = 0)
        int probes,

        @Setting(doc = "Different unknown paths in the window; 0 never blocks.", value = "40", min = 0)
        int unknownPaths,

        @Setting(doc = "Requests in the window that a rule matched; 0 never blocks.", value = "5", min = 0)
        int suspicious,

        @Setting(doc = "Refused uploads in the window; 0 never blocks.", value = "5", min = 0)
        int uploads,

        @Setting(doc = "Tokens in the window that were used a second time; 0 never blocks.", value = "1", min = 0)
        int reusedTokens,

        @Setting(
                doc = "Length of a first block. Each further one within a week is twice as long.",
                value = "10m",
                min = 1000)
        Duration duration,

        @Setting(doc = "The longest block.", value = "1d", min = 1000)
        Duration longest) {}
