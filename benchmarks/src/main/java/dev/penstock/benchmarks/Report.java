package dev.penstock.benchmarks;

import dev.penstock.benchmarks.bars.Finding;
import dev.penstock.benchmarks.lab.Machine;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/** What a run found: told as it comes, and kept as a file. */
final class Report {
    /** More than our own processes want to run at once: somebody else is busy. */
    private static final double QUIET = 1.0;

    private final PrintWriter out;
    private final Machine machine;
    private final List<Finding> findings = new ArrayList<>();
    private final Instant begun = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    private final double busyBefore = Machine.busy();

    Report(PrintWriter out, Machine machine) {
        this.out = out;
        this.machine = machine;
    }

    void head() {
        say(machine.processor() + ", " + machine.cores() + " cores, " + machine.system() + ", Java " + machine.java());
        say(
                machine.pinned()
                        ? "Pinned: the server on core 0, load and backends on core 1."
                        : "NOT PINNED (no taskset, or one core): load and server share cores; trust the ratios less.");
        if (busyBefore > QUIET) {
            say("THE MACHINE IS NOT QUIET (load average %.1f before the start): take the figures as a first idea."
                    .formatted(busyBefore));
        }
        say("");
    }

    void section(String name) {
        say("== " + name);
    }

    void add(List<Finding> more) {
        findings.addAll(more);
        for (Finding finding : more) {
            say("%-8s %s%n           %s%n           %s"
                    .formatted(
                            finding.verdict(),
                            finding.name(),
                            finding.text(),
                            finding.bar().isEmpty() ? "(no bar)" : "bar: " + finding.bar()));
        }
        say("");
    }

    void write(Path file) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        JsonArray all = new JsonArray();
        findings.forEach(finding -> all.add(finding.json()));
        JsonObject report = new JsonObject()
                .put("at", begun.toString())
                .put("machine", machine.json())
                .put("load_average_before", busyBefore)
                .put("load_average_after", Machine.busy())
                .put("findings", all);
        Files.writeString(file, report.encodePrettily());
        say("Report: " + file);
    }

    void say(String line) {
        out.println(line);
        out.flush();
    }
}
