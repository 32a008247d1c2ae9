package dev.penstock.common.config;

import java.time.Duration;

/** The objective that is watched from the start: availability of the public API. */
public record SloConfig(
        @Setting(doc = "Share of requests, in percent, that must not fail with a server error.", value = "99.9")
        double availability,

        @Setting(doc = "Long window of the fast alert.", value = "1m", min = 1000)
        Duration longWindow,

        @Setting(doc = "Short window of the fast alert.", value = "10s", min = 1000)
        Duration shortWindow,

        @Setting(doc = "Burn rate in both windows that raises the alert.", value = "144", min = 1)
        int burn,

        @Setting(doc = "Fewest requests in the short window that count as evidence.", value = "20", min = 1)
        int minRequests) {}
