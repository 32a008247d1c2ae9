package dev.penstock.benchmarks.lab;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Which core each process gets: the server under test the first, everything else the second, so that the load does not
 * take from what it measures. Where that cannot be had, nothing is pinned and the figures say so.
 */
public final class Cores {
    private final boolean pinned;

    private Cores(boolean pinned) {
        this.pinned = pinned;
    }

    /** @param wanted false to let the system place everything */
    public static Cores of(boolean wanted) {
        return new Cores(wanted && two() && found("taskset"));
    }

    public boolean pinned() {
        return pinned;
    }

    /** What goes before a server's command. */
    List<String> server() {
        return on("0");
    }

    /** What goes before the command of a backend. */
    List<String> load() {
        return on("1");
    }

    private List<String> on(String core) {
        return pinned ? List.of("taskset", "-c", core) : List.of();
    }

    /** Asks the system: this JVM may itself be pinned and see one. */
    private static boolean two() {
        return Files.exists(Path.of("/sys/devices/system/cpu/cpu1"));
    }

    /** Whether a program is on the path. */
    static boolean found(String program) {
        for (String folder : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
            if (Files.isExecutable(Path.of(folder, program))) {
                return true;
            }
        }
        return false;
    }
}
