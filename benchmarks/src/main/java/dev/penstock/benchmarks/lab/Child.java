package dev.penstock.benchmarks.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A process of ours with its output in a file. Closing it leaves none of its children behind. */
final class Child implements AutoCloseable {
    private static final long STOP_SECONDS = 40;
    private static final long POLL_NANOS = 5_000_000;
    private static final int TAIL = 2_000;

    private final Process process;
    private final Path output;
    private final long startedNanos;

    private Child(Process process, Path output, long startedNanos) {
        this.process = process;
        this.output = output;
        this.startedNanos = startedNanos;
    }

    static Child start(List<String> command, Map<String, String> environment, Path output) throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().putAll(environment);
        long before = System.nanoTime();
        return new Child(builder.start(), output, before);
    }

    /** A JVM with the class path and the flags of this one's children. */
    static List<String> java(List<String> pin, List<String> flags, String mainClass, List<String> arguments) {
        List<String> command = new ArrayList<>(pin);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"));
        command.addAll(flags);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), mainClass));
        command.addAll(arguments);
        return command;
    }

    /** {@link System#nanoTime()} just before it was started. */
    long startedNanos() {
        return startedNanos;
    }

    ProcessHandle handle() {
        return process.toHandle();
    }

    boolean alive() {
        return process.isAlive();
    }

    /** Waits until it listens; fails with its last output where it ends or the time is up before. */
    void awaitPort(int port, long seconds) throws IOException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (!Ports.taken(port)) {
            if (!alive() || System.nanoTime() > end) {
                throw new IOException("it does not listen within " + seconds + " s: …" + tail());
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    /** The end of what it printed. */
    String tail() {
        String text = text();
        return text.substring(Math.max(0, text.length() - TAIL));
    }

    @Override
    public void close() {
        List<ProcessHandle> family = process.toHandle().descendants().toList();
        process.destroy();
        try {
            if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor(STOP_SECONDS, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        family.forEach(ProcessHandle::destroyForcibly);
    }

    private String text() {
        try {
            return Files.readString(output, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
