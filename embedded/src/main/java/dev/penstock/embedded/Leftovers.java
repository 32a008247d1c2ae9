package dev.penstock.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Servers that a killed Penstock left running. A marker file stands in the data folder from before the first
 * server starts until the last one has stopped; only if it is found do we look through the process table, so
 * that an ordinary start pays nothing. A process is ours if it is one of our two programs and names this very
 * data folder on its command line; anything else is left alone whatever a stale pid file says.
 */
final class Leftovers {
    private static final Logger LOG = LoggerFactory.getLogger(Leftovers.class);
    private static final String MARKER = "servers.running";
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Path dataFolder;

    Leftovers(Path dataFolder) {
        this.dataFolder = dataFolder;
    }

    /** Stops what is left over, cleanly where it can, and sets the marker for this run. */
    void clearAndMark() throws IOException {
        Path marker = dataFolder.resolve(MARKER);
        if (Files.exists(marker)) {
            ProcessHandle.allProcesses().filter(this::isOurs).forEach(Leftovers::stop);
        } else {
            Files.createFile(marker);
        }
    }

    void unmark() throws IOException {
        Files.deleteIfExists(dataFolder.resolve(MARKER));
    }

    private static void stop(ProcessHandle process) {
        LOG.warn("stopping process {}, left over by a Penstock that was killed", process.pid());
        List<String> signals = program(process).equals("postgres") ? List.of("INT", "QUIT") : List.of("TERM");
        ServerProcess.stop(process, signals, PATIENCE);
    }

    private boolean isOurs(ProcessHandle process) {
        String program = program(process);
        if (!program.equals("postgres") && !program.equals("redis-server")) {
            return false;
        }
        Optional<String[]> arguments = process.info().arguments();
        return arguments.isPresent()
                && Arrays.stream(arguments.get())
                        .anyMatch(argument ->
                                argument.startsWith("/") && Path.of(argument).startsWith(dataFolder));
    }

    /** The file name of what a process runs, or empty if we may not know. */
    static String program(ProcessHandle process) {
        String command = process.info().command().orElse("");
        String name = command.substring(command.lastIndexOf('/') + 1);
        int blank = name.indexOf(' '); // Linux adds " (deleted)" once the file was replaced
        return blank < 0 ? name : name.substring(0, blank);
    }
}
