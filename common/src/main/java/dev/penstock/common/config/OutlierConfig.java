package dev.penstock.common.config;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** When an instance that fails more than its fellows is left out for a while. */
public record OutlierConfig(
        @Setting(doc = "Failures in a row that eject; 0 turns ejection off.", value = "5", min = 0, max = 1000)
        int failures,

        @Setting(doc = "First ejection; the k-th in short order lasts k times as long.", value = "30s", min = 10)
        Duration time,

        @Setting(doc = "Longest ejection.", value = "5m", min = 10)
        Duration maxTime,

        @Setting(
                doc = "Most of the pool that may be ejected, in percent; one instance always stays. Empty takes 50 up"
                        + " to four instances and 33 above.",
                min = 0,
                max = 100)
        @Nullable
        Integer maxPercent) {}
