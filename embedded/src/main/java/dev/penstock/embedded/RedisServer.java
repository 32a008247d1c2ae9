package dev.penstock.embedded;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Starts Redis on its folder: append-only file, least frequently used keys go first when memory is full. */
final class RedisServer implements Supervisor.Server {
    private static final int ATTEMPTS = 3;
    private static final int PROBE_MILLIS = 500;

    private final Path executable;
    private final Path folder;
    private final Path log;
    private final EmbeddedOptions options;
    private final String password;
    private int port;

    private RedisServer(Path executable, Path dataFolder, EmbeddedOptions options, String password) {
        this.executable = executable;
        this.folder = dataFolder.resolve("redis");
        this.log = dataFolder.resolve("redis.log");
        this.options = options;
        this.password = password;
    }

    static Running start(Path dataFolder, BinaryCache binaries, EmbeddedOptions options) {
        long deadline = System.nanoTime() + options.startTimeout().toNanos();
        String password = options.redisPassword() ? PostgresCluster.newPassword() : "";
        RedisServer server = new RedisServer(binaries.redis(), dataFolder, options, password);
        try {
            Folders.createPrivate(server.folder);
            ServerProcess process = server.startOnFreePort(deadline);
            return new Running(Supervisor.watch(server, process, options), server.port, password);
        } catch (IOException e) {
            throw new EmbeddedException(
                    "Cannot use " + server.folder + " (" + Folders.reason(e)
                            + "); check that you may read and write it and that the disk is not full.",
                    e);
        }
    }

    private ServerProcess startOnFreePort(long deadline) throws IOException {
        for (int attempt = 1; ; attempt++) {
            port = Ports.free();
            ServerProcess process = launch();
            if (process.awaitReady(this::ready, deadline)) {
                return process;
            }
            ServerProcess.stop(process.handle(), stopSignals(), options.stopTimeout());
            if (!process.complainsOf("Address already in use") || attempt == ATTEMPTS) {
                throw failure(process);
            }
        }
    }

    @Override
    public String name() {
        return "Redis";
    }

    @Override
    public List<String> stopSignals() {
        return List.of("TERM");
    }

    @Override
    public ServerProcess restart() throws IOException {
        ServerProcess process = launch();
        if (process.awaitReady(
                this::ready, System.nanoTime() + Duration.ofSeconds(30).toNanos())) {
            return process;
        }
        ServerProcess.stop(process.handle(), stopSignals(), options.stopTimeout());
        throw failure(process);
    }

    private EmbeddedException failure(ServerProcess process) {
        return new EmbeddedException("Redis did not start on " + folder + " (" + process.complaint() + "); see " + log
                + ", or move the folder away to start empty.");
    }

    private ServerProcess launch() throws IOException {
        Path configuration = folder.resolve("redis.conf");
        Folders.writePrivate(configuration, configuration());
        return ServerProcess.launch(List.of(executable.toString(), configuration.toString()), folder, log);
    }

    /** The process title is left alone: the folder in the command line is how a leftover is recognised. */
    private String configuration() {
        String text = """
                bind 127.0.0.1
                port %d
                dir "%s"
                databases 64
                save ""
                appendonly yes
                appendfsync %s
                no-appendfsync-on-rewrite yes
                maxmemory %dmb
                maxmemory-policy volatile-lfu
                tcp-backlog 128
                loglevel warning
                set-proc-title no
                """.formatted(
                        port,
                        folder.toString().replace("\\", "\\\\").replace("\"", "\\\""),
                        options.durable() ? "everysec" : "no",
                        options.redisMemoryMb());
        return password.isEmpty() ? text : text + "requirepass " + password + "\n";
    }

    /** PING is answered once the append-only file is read; before that Redis says it is loading. */
    private boolean ready() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(Ports.loopback(), port), PROBE_MILLIS);
            socket.setSoTimeout(PROBE_MILLIS);
            String auth = password.isEmpty() ? "" : "AUTH " + password + "\r\n";
            socket.getOutputStream().write((auth + "PING\r\nQUIT\r\n").getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            return answer.contains("+PONG");
        } catch (IOException _) {
            return false; // not listening yet
        }
    }

    /** A started server: what watches it, and how to reach it. */
    record Running(Supervisor supervisor, int port, String password) {
        String url() {
            return "redis://" + (password.isEmpty() ? "" : ":" + password + "@") + "127.0.0.1:" + port;
        }
    }
}
