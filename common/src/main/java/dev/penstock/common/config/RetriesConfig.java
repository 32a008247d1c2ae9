package dev.penstock.common.config;

import java.time.Duration;

/** How much work may be sent again. Only repeatable work ever is. */
public record RetriesConfig(
        @Setting(
                doc = "Most attempts of one request, the first included; 1 never repeats.",
                value = "3",
                min = 1,
                max = 10)
        int attempts,

        @Setting(
                doc = "Repetitions allowed, in percent of the requests in the window.",
                value = "10",
                min = 0,
                max = 100)
        int percent,

        @Setting(
                doc = "Repetitions allowed in the window however few requests there are; shared by the gateways, one"
                        + " for each at least.",
                value = "3",
                min = 0,
                max = 1000)
        int floor,

        @Setting(doc = "The window.", value = "10s", min = 1000)
        Duration window) {}
