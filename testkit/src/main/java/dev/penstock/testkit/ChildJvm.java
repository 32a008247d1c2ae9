package dev.penstock.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Another JVM on the class path of this one, to be killed, frozen and watched. Its output goes to a file.
 * Whatever a test forgets to stop ends with this JVM.
 */
public final class ChildJvm implements AutoCloseable {
    private static final Set<Process> RUNNING = ConcurrentHashMap.newKeySet();
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> RUNNING.forEach(Process::destroyForcibly), "child-jvms"));
    }

    private final Process process;
    private final Path output;

    private ChildJvm(Process process, Path output) {
        this.process = process;
        this.output = output;
    }

    /** Describes a JVM to start with the main class. */
    public static Builder of(Class<?> main) {
        return new Builder(main.getName());
    }

    /** Describes a JVM to start with the main class of that name. */
    public static Builder of(String mainClass) {
        return new Builder(mainClass);
    }

    /** Its process id. */
    public long pid() {
        return process.pid();
    }

    /** True until it has exited. */
    public boolean alive() {
        return process.isAlive();
    }

    /** All it has printed so far, errors included. */
    public String output() {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Waits for a line that contains a match.
     *
     * @throws AssertionError with the output if the deadline passes or the process ends before
     */
    public Matcher awaitLine(String regex, Duration deadline) {
        Pattern pattern = Pattern.compile(regex);
        long end = System.nanoTime() + deadline.toNanos();
        while (true) {
            boolean last = !alive() || System.nanoTime() - end > 0;
            Matcher found = find(pattern);
            if (found != null) {
                return found;
            }
            if (last) {
                throw new AssertionError("no line matches " + regex + " in:\n" + output());
            }
            LockSupport.parkNanos(10_000_000);
        }
    }

    private @Nullable Matcher find(Pattern pattern) {
        return output().lines()
                .map(pattern::matcher)
                .filter(Matcher::find)
                .findFirst()
                .orElse(null);
    }

    /** kill -9: no drain, no shutdown hook. Returns when it is gone. */
    public void kill9() {
        process.destroyForcibly();
        awaitExit(PATIENCE);
    }

    /** SIGTERM, as an orchestrator would; returns the exit code. */
    public int stop(Duration deadline) {
        process.destroy();
        return awaitExit(deadline);
    }

    /** SIGSTOP: it holds its connections and answers nothing. */
    public void pause() {
        signal("STOP");
    }

    /** SIGCONT: it goes on where it was. */
    public void resume() {
        signal("CONT");
    }

    /** Waits until it has exited by itself and returns the exit code. */
    public int awaitExit(Duration deadline) {
        try {
            if (!process.waitFor(deadline.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new AssertionError("process " + pid() + " still runs after " + deadline + ":\n" + output());
            }
            RUNNING.remove(process);
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** Kills it if it still runs. */
    @Override
    public void close() {
        if (alive()) {
            kill9();
        }
        RUNNING.remove(process);
    }

    private void signal(String name) {
        try {
            int code = new ProcessBuilder("kill", "-" + name, Long.toString(pid()))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
            if (code != 0 && alive()) {
                throw new AssertionError("kill -" + name + " " + pid() + " gave " + code);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** What to start; every method returns this. */
    public static final class Builder {
        private final String mainClass;
        private final List<String> jvmArguments = new ArrayList<>(List.of("-Xmx256m", "-XX:+UseSerialGC"));
        private final List<String> arguments = new ArrayList<>();
        private final Map<String, String> environment = new LinkedHashMap<>();
        private @Nullable Path output;

        private Builder(String mainClass) {
            this.mainClass = mainClass;
        }

        /** Adds arguments of the JVM; the default is a heap of 256 MB with the serial collector. */
        public Builder jvm(String... more) {
            jvmArguments.addAll(Arrays.asList(more));
            return this;
        }

        /** Adds arguments of the program. */
        public Builder arguments(String... more) {
            arguments.addAll(Arrays.asList(more));
            return this;
        }

        /** Sets a variable of its environment. */
        public Builder environment(String name, String value) {
            environment.put(name, value);
            return this;
        }

        /** File for its output; a temporary one if not set. */
        public Builder output(Path file) {
            output = file;
            return this;
        }

        /** Starts it. */
        public ChildJvm start() {
            List<String> command = new ArrayList<>();
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"));
            command.addAll(jvmArguments);
            command.addAll(List.of("-cp", System.getProperty("java.class.path"), mainClass));
            command.addAll(arguments);
            try {
                Path file = output != null ? output : Files.createTempFile("penstock-child-", ".log");
                ProcessBuilder builder =
                        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(file.toFile());
                builder.environment().putAll(environment);
                Process process = builder.start();
                RUNNING.add(process);
                return new ChildJvm(process, file);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
