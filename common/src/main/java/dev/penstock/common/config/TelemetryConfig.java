package dev.penstock.common.config;

import java.time.Duration;

/** Metrics and logs. */
public record TelemetryConfig(
        @Setting(doc = "Width of a sample slot.", value = "5s", min = 500, max = 60000)
        Duration slot,

        @Setting(doc = "Level of our own log: trace, debug, info, warn or error.", value = "info")
        String logLevel,

        @Setting(doc = "json or text.", value = "json") String logFormat,

        @Setting(
                doc = "One in how many successful requests is written to the access log; failures always are.",
                value = "100",
                min = 1)
        int accessLogSample,

        @Setting(doc = "Requests slower than this are always written to the access log.", value = "5s", min = 1)
        Duration slowRequest) {}
