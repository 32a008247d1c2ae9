package dev.penstock.common.config;

import java.time.Duration;
import java.util.List;

/** Checks that a pool makes by itself. An instance that cannot be connected to is checked in any case. */
public record HealthCheckConfig(
        @Setting(doc = "Path to ask for; empty checks only instances that could not be connected to, by connecting.")
        String path,

        @Setting(doc = "Statuses that mean healthy.", value = "200, 204", min = 100, max = 599)
        List<Integer> statuses,

        @Setting(doc = "Time between two checks of an instance.", value = "2s", min = 50)
        Duration interval,

        @Setting(doc = "Longest wait for a check.", value = "1s", min = 10)
        Duration timeout,

        @Setting(
                doc = "Good checks in a row until a failed instance is used again; as many times more as it failed"
                        + " lately, up to 8.",
                value = "1",
                min = 1,
                max = 100)
        int rise,

        @Setting(doc = "Bad checks in a row until an instance is no longer used.", value = "2", min = 1, max = 100)
        int fall) {
    public HealthCheckConfig {
        statuses = List.copyOf(statuses);
    }
}
