package dev.penstock.embedded;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * One child process with its log file. It runs in a session of its own, since Ctrl-C at the terminal goes to
 * every process of ours: the servers must outlive the drain and stop when they are told to.
 */
final class ServerProcess {
    private static final long POLL_NANOS = 2_000_000;
    private static final int LOG_TAIL_BYTES = 8192;

    private final Process process;
    private final Path log;

    private ServerProcess(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /** Starts the command in the folder; the last run's log is kept beside the new one as {@code .1}. */
    static ServerProcess launch(List<String> command, Path folder, Path log) throws IOException {
        if (Files.exists(log)) {
            Files.move(log, log.resolveSibling(log.getFileName() + ".1"), StandardCopyOption.REPLACE_EXISTING);
        }
        List<String> full = new ArrayList<>(Tools.newSession());
        full.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(full)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(Tools.NULL_DEVICE.toFile()))
                .redirectOutput(log.toFile());
        Tools.cleanEnvironment(builder.environment());
        return new ServerProcess(builder.start(), log);
    }

    long pid() {
        return process.pid();
    }

    boolean alive() {
        return process.isAlive();
    }

    ProcessHandle handle() {
        return process.toHandle();
    }

    /** Blocks until the process is gone. */
    void awaitExit() throws InterruptedException {
        process.waitFor();
    }

    /** Polls the condition until it holds; false if the process died, the time ran out or we are interrupted. */
    boolean awaitReady(BooleanSupplier ready, long deadlineNanos) {
        while (alive()
                && System.nanoTime() - deadlineNanos < 0
                && !Thread.currentThread().isInterrupted()) {
            if (ready.getAsBoolean()) {
                return true;
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
        return false;
    }

    /** The line of the log that most likely says why the server did not start. */
    String complaint() {
        List<String> lines = logTail();
        for (String mark : List.of("unshare", "PANIC", "FATAL", "error while loading", "rror", "Bad file")) {
            for (String line : lines.reversed()) {
                if (line.contains(mark)) {
                    return line.strip();
                }
            }
        }
        return lines.isEmpty() ? "it wrote no log" : lines.getLast().strip();
    }

    boolean complainsOf(String text) {
        return logTail().stream().anyMatch(line -> line.contains(text));
    }

    private List<String> logTail() {
        try {
            byte[] all = Files.readAllBytes(log);
            int from = Math.max(0, all.length - LOG_TAIL_BYTES);
            return new String(all, from, all.length - from, StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank())
                    .toList();
        } catch (IOException e) {
            return List.of("its log cannot be read: " + Folders.reason(e));
        }
    }

    /** Sends the signals in turn, sharing the time between them, then kills; returns when the process is gone. */
    static void stop(ProcessHandle process, List<String> signals, Duration within) {
        Duration share = within.dividedBy(signals.size());
        for (String signal : signals) {
            if (gone(process)) {
                return;
            }
            Tools.signal(process.pid(), signal);
            if (goneWithin(process, share)) {
                return;
            }
        }
        process.destroyForcibly();
        goneWithin(process, Duration.ofSeconds(2));
    }

    /** Polls, since Java itself looks at a process that is not its child only every few seconds. */
    private static boolean goneWithin(ProcessHandle process, Duration limit) {
        boolean interrupted = Thread.interrupted(); // a stop must be carried through
        long deadline = System.nanoTime() + limit.toNanos();
        while (!gone(process) && System.nanoTime() - deadline < 0) {
            LockSupport.parkNanos(POLL_NANOS);
            interrupted |= Thread.interrupted();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return gone(process);
    }

    /** Gone, or dead and only waiting for a parent that does not look, as in a container without an init. */
    static boolean gone(ProcessHandle process) {
        return !process.isAlive() || process.info().command().isEmpty();
    }
}
