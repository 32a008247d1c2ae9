package dev.penstock.benchmarks;

import dev.penstock.benchmarks.bars.Bar;
import dev.penstock.benchmarks.bars.Bar.Plan;
import dev.penstock.benchmarks.bars.Finding;
import dev.penstock.benchmarks.lab.Cores;
import dev.penstock.benchmarks.lab.Lab;
import dev.penstock.benchmarks.lab.Machine;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Measures the bars of the design on this machine and says which hold. Exits with 0 also where one does not. */
@Command(
        name = "benchmarks/run",
        description =
                "Measures Penstock against bare servers in one interleaved run. Loopback only; stops all it starts.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = "benchmarks/run jmh [JMH options] measures the pieces of the hot path instead.")
public final class Main implements Callable<Integer> {
    @Parameters(
            arity = "0..*",
            paramLabel = "BAR",
            description = "near-hit, uncached, latency, merged, coalesced, start, limits; all without one.")
    private List<String> bars = List.of();

    @Option(
            names = "--rounds",
            defaultValue = "9",
            paramLabel = "N",
            description = "Of each variant. (${DEFAULT-VALUE})")
    private int rounds = 9;

    @Option(names = "--seconds", defaultValue = "2", paramLabel = "S", description = "Of a round. (${DEFAULT-VALUE})")
    private int seconds = 2;

    @Option(
            names = "--warm",
            defaultValue = "8",
            paramLabel = "S",
            description = "Before the first. (${DEFAULT-VALUE})")
    private int warm = 8;

    @Option(names = "--report", paramLabel = "FILE", description = "Where the JSON goes.")
    private Path report = Path.of("benchmarks", "target", "report.json");

    @Option(names = "--no-pin", description = "Let the system place everything.")
    private boolean spread;

    @Option(names = "--jvm", defaultValue = "", paramLabel = "FLAGS", description = "More flags for Penstock's JVM.")
    private String jvm = "";

    @Option(names = "--script", paramLabel = "FILE", description = "The command that starts Penstock.")
    private Path script = Path.of("penstock");

    /** Runs and exits. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Main()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException {
        List<Bar> wanted = wanted();
        Cores cores = Cores.of(!spread);
        PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        Report found = new Report(out, Machine.here(cores));
        found.head();
        Path folder = Files.createTempDirectory("penstock-bench-");
        Plan plan = new Plan(rounds, Duration.ofSeconds(seconds), Duration.ofSeconds(warm), folder);
        boolean whole = false;
        for (Bar bar : wanted.stream().filter(Bar::alone).toList()) {
            found.section(bar.label());
            found.add(measured(bar, () -> bar.measure(plan)));
        }
        List<Bar> others = wanted.stream().filter(bar -> !bar.alone()).toList();
        if (others.isEmpty()) {
            delete(folder);
            found.write(report);
            return 0;
        }
        try (Lab lab = Lab.open(script.toAbsolutePath(), folder, cores, jvm)) {
            for (Bar bar : others) {
                found.section(bar.label());
                found.add(measured(bar, () -> bar.measure(lab, plan)));
            }
            whole = true;
        } finally {
            if (whole) {
                delete(folder);
            } else {
                found.say("Logs of what was started: " + folder);
            }
        }
        found.write(report);
        return 0;
    }

    /** One that cannot be measured does not keep the others from it. */
    private static List<Finding> measured(Bar bar, Measurement measurement) {
        try {
            return measurement.run();
        } catch (IOException e) {
            return List.of(Finding.broken(bar.label(), String.valueOf(e.getMessage())));
        }
    }

    @FunctionalInterface
    private interface Measurement {
        List<Finding> run() throws IOException;
    }

    private List<Bar> wanted() {
        if (bars.isEmpty()) {
            return List.of(Bar.values());
        }
        return bars.stream()
                .map(name -> Arrays.stream(Bar.values())
                        .filter(bar -> bar.label().equals(name))
                        .findFirst()
                        .orElseThrow(() -> new IllegalArgumentException("There is no bar '" + name + "'; see --help.")))
                .toList();
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
