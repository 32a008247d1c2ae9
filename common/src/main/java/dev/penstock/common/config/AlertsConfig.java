package dev.penstock.common.config;

import java.time.Duration;

/** Alert states and the stream of their changes. */
public record AlertsConfig(
        @Setting(doc = "How long a condition must be gone before its alert is resolved.", value = "15s", min = 0)
        Duration keepFiring,

        @Setting(doc = "A condition that nobody sends any more counts as gone after this.", value = "2m", min = 1000)
        Duration staleAfter,

        @Setting(doc = "How long changes are kept for sockets that come back.", value = "24h", min = 60000)
        Duration eventLog,

        @Setting(doc = "Open alert sockets per key.", value = "20", min = 1, max = 10000)
        int socketsPerKey) {}
