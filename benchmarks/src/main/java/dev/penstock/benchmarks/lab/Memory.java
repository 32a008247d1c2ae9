package dev.penstock.benchmarks.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * What processes hold of the machine's memory, by /proc.
 *
 * @param jvmMiB resident memory of the JVM
 * @param familyMiB proportional share of the JVM and all its children: what they share is counted once, which the sum of
 *     their resident sizes would not do; 0 where the system does not say
 */
public record Memory(double jvmMiB, double familyMiB) {
    private static final double KIB_PER_MIB = 1024;

    static Memory of(ProcessHandle jvm) {
        double family = Stream.concat(Stream.of(jvm), jvm.descendants())
                .mapToDouble(process -> kib(process.pid(), "smaps_rollup", "Pss:"))
                .sum();
        return new Memory(kib(jvm.pid(), "status", "VmRSS:") / KIB_PER_MIB, family / KIB_PER_MIB);
    }

    private static double kib(long pid, String file, String field) {
        try {
            List<String> lines = Files.readAllLines(Path.of("/proc", Long.toString(pid), file));
            return lines.stream()
                    .filter(line -> line.startsWith(field))
                    .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            return 0;
        }
    }
}
