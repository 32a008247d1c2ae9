package dev.penstock.benchmarks.lab;

import dev.penstock.benchmarks.load.Shot;
import java.time.Duration;
import java.util.stream.Stream;

/** A request, and the process that answers it. */
public record Server(Shot shot, ProcessHandle process) {
    /**
     * Processor time that the process and its children have used, in seconds; the system counts it in steps of 10 ms.
     * Unlike requests per second it hardly depends on what else the machine does.
     */
    public double cpuSeconds() {
        return Stream.concat(Stream.of(process), process.descendants())
                        .mapToLong(each -> each.info()
                                .totalCpuDuration()
                                .orElse(Duration.ZERO)
                                .toNanos())
                        .sum()
                / 1e9;
    }
}
