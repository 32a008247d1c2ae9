package dev.penstock.benchmarks.lab;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** The whole of Penstock in a JVM of its own, with everything on, on a folder that outlives it. */
public final class Penstock implements AutoCloseable {
    private static final long START_SECONDS = 240;
    private static final long POLL_NANOS = 2_000_000;
    private static final AtomicInteger STARTS = new AtomicInteger();

    private final Child process;
    private final int port;
    private final Api api;

    private Penstock(Child process, int port, Api api) {
        this.process = process;
        this.port = port;
        this.api = api;
    }

    /**
     * Where and how it is started: the first time by the user's own command, afterwards by the line that the command came
     * to, since the bar on starting counts from {@code java}.
     *
     * @param script the command
     * @param flags more flags for its JVM, for profiling
     */
    record Setup(Path script, Path folder, Cores cores, String flags, String adminKey, int port, Api api) {

        Penstock start(String config) throws IOException {
            Path file = folder.resolve("penstock.yaml");
            Files.writeString(file, config);
            List<String> command = new ArrayList<>(cores.server());
            command.addAll(List.of(script.toString(), "up", "--config", file.toString()));
            command.addAll(List.of("--data", folder.resolve("data").toString(), "--port", Integer.toString(port)));
            return run(command);
        }

        Penstock again(List<String> line) throws IOException {
            List<String> command = new ArrayList<>(cores.server());
            command.addAll(line);
            return run(command);
        }

        private Penstock run(List<String> command) throws IOException {
            Path log = folder.resolve("penstock-" + STARTS.incrementAndGet() + ".log");
            Map<String, String> environment =
                    Map.of("PENSTOCK_ADMIN_KEY", adminKey, "PENSTOCK_NO_BUILD", "1", "PENSTOCK_JAVA_OPTS", flags);
            return new Penstock(Child.start(command, environment, log), port, api);
        }
    }

    /** The command line that it runs by now. */
    List<String> line() throws IOException {
        String line = Files.readString(Path.of("/proc", Long.toString(pid()), "cmdline"));
        return List.of(line.split("\0"));
    }

    /** The gateway's port. */
    public int port() {
        return port;
    }

    /** Waits until an operation is answered with 2xx; seconds since the process was started. */
    public double awaitAnswer(String method, String path, Map<String, String> headers, String body) throws IOException {
        long end = process.startedNanos() + START_SECONDS * 1_000_000_000L;
        while (System.nanoTime() < end) {
            if (!process.alive()) {
                throw new IOException("Penstock ended: …" + process.tail());
            }
            if (answers(method, path, headers, body)) {
                return (System.nanoTime() - process.startedNanos()) / 1e9;
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
        throw new IOException("Penstock does not answer: …" + process.tail());
    }

    private boolean answers(String method, String path, Map<String, String> headers, String body) {
        try {
            return api.call(method, port, path, headers, body).statusCode() / 100 == 2;
        } catch (IOException e) {
            return false; // it does not listen yet
        }
    }

    /** Makes a key without limits. */
    public String unlimitedKey(String adminKey) throws IOException {
        JsonObject wish =
                new JsonObject().put("name", "benchmark").put("role", "user").put("unlimited", true);
        return api.json("POST", port, "/api/admin/keys", Map.of("Authorization", "Bearer " + adminKey), wish.encode())
                .getString("key");
    }

    public Memory memory() {
        return Memory.of(process.handle());
    }

    /** Of its JVM. */
    public long pid() {
        return process.handle().pid();
    }

    ProcessHandle handle() {
        return process.handle();
    }

    /** Drains and stops it. */
    @Override
    public void close() {
        process.close();
    }
}
