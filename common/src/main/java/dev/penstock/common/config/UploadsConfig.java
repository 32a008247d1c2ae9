package dev.penstock.common.config;

import dev.penstock.common.unit.DataSize;
import java.time.Duration;

/** Bounds and means of the checks of uploads. */
public record UploadsConfig(
        @Setting(doc = "Largest upload that is checked; larger ones are refused.", value = "100MiB", min = 1024)
        DataSize maxFile,

        @Setting(doc = "Disk that all uploads being checked may take together.", value = "1GiB", min = 1024)
        DataSize maxSpool,

        @Setting(doc = "Most bytes that an archive may unpack to.", value = "1GiB", min = 1024)
        DataSize maxUnpacked,

        @Setting(
                doc = "Most that an archive may unpack to, as a multiple of its size; small ones aside.",
                value = "100",
                min = 1)
        int maxRatio,

        @Setting(doc = "Most entries in an archive, with those of archives in it.", value = "10000", min = 1)
        int maxEntries,

        @Setting(doc = "How deep archives may lie in archives.", value = "3", min = 1, max = 16)
        int maxDepth,

        @Setting(doc = "host:port of a clamd that also looks at each upload; empty for none.")
        String clamav,

        @Setting(
                doc = "Time that clamd has. Without an answer the upload is refused with 503.",
                value = "30s",
                min = 100)
        Duration clamavTimeout) {}
