package dev.penstock.benchmarks.lab;

import dev.penstock.sandbox.SandboxMain;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/** A model server in a process of its own. */
public final class Sandbox implements AutoCloseable {
    private static final long START_SECONDS = 30;
    private static final int MOST_LOOKS = 25;
    private static final long LOOK_NANOS = 200_000_000;

    private final Child process;
    private final int port;
    private final Api api;

    private Sandbox(Child process, int port, Api api) {
        this.process = process;
        this.port = port;
        this.api = api;
    }

    static Sandbox start(Path folder, String name, Cores cores, Api api, JsonObject behaviour) throws IOException {
        int port = Ports.free();
        List<String> command = Child.java(
                cores.load(),
                List.of("-Xmx256m", "-XX:+UseSerialGC"),
                SandboxMain.class.getName(),
                List.of("127.0.0.1", Integer.toString(port)));
        Child child = Child.start(command, Map.of(), folder.resolve(name + ".log"));
        try {
            child.awaitPort(port, START_SECONDS);
            api.json("POST", port, "/sandbox/behaviour", Map.of(), behaviour.encode());
            return new Sandbox(child, port, api);
        } catch (IOException e) {
            child.close();
            throw e;
        }
    }

    public int port() {
        return port;
    }

    ProcessHandle handle() {
        return process.handle();
    }

    /** Counters since the last {@link #reset}. */
    public JsonObject stats() throws IOException {
        return api.json("GET", port, "/sandbox/stats", Map.of(), "");
    }

    /**
     * Sets the counters back once what was asked for earlier is over: callers that hung up may have left a call behind.
     */
    public void reset() throws IOException {
        long calls = -1;
        for (int i = 0; i < MOST_LOOKS; i++) {
            JsonObject now = stats();
            if (now.getInteger("in_flight") == 0 && now.getLong("calls") == calls) {
                break;
            }
            calls = now.getLong("calls");
            LockSupport.parkNanos(LOOK_NANOS);
        }
        api.json("DELETE", port, "/sandbox/stats", Map.of(), "");
    }

    @Override
    public void close() {
        process.close();
    }
}
