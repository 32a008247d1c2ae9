package dev.penstock.common.config;

import java.time.Duration;

/** How long the parts of a call may take; the waits for a connection and for a head are the pool's. */
public record RouteTimeoutsConfig(
        @Setting(doc = "Longest silence in the middle of a body or on a WebSocket.", value = "60s", min = 1)
        Duration idle,

        @Setting(doc = "Longest whole call; WebSockets excepted.", value = "10m", min = 1)
        Duration total) {}
