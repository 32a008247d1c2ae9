package dev.penstock.benchmarks.lab;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What the figures were measured on; without it they mean nothing to anybody else. */
public record Machine(String processor, long cores, String system, String java, boolean pinned) {
    /** The machine that this runs on. */
    public static Machine here(Cores placed) {
        List<String> info = lines(Path.of("/proc/cpuinfo"));
        long cores = info.stream().filter(line -> line.startsWith("processor")).count();
        String processor = info.stream()
                .filter(line -> line.startsWith("model name"))
                .map(line -> line.replaceFirst(".*: ", ""))
                .findFirst()
                .orElse(System.getProperty("os.arch", ""));
        return new Machine(
                processor,
                cores == 0 ? Runtime.getRuntime().availableProcessors() : cores,
                System.getProperty("os.name") + " " + System.getProperty("os.version"),
                System.getProperty("java.vendor.version", "") + " " + System.getProperty("java.runtime.version"),
                placed.pinned());
    }

    /** Processes that wanted to run in the last minute, ours included; -1 where the system does not say. */
    public static double busy() {
        return lines(Path.of("/proc/loadavg")).stream()
                .findFirst()
                .map(line -> Double.parseDouble(line.split(" ", 2)[0]))
                .orElse(-1.0);
    }

    public JsonObject json() {
        return new JsonObject()
                .put("processor", processor)
                .put("cores", cores)
                .put("system", system)
                .put("java", java)
                .put("pinned", pinned);
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            return List.of();
        }
    }
}
