package dev.penstock.embedded;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Starts PostgreSQL on a cluster, sized for one small process beside a JVM. */
final class PostgresServer implements Supervisor.Server {
    private static final int ATTEMPTS = 3;

    private final PostgresCluster cluster;
    private final Path log;
    private final EmbeddedOptions options;
    private int port;

    private PostgresServer(PostgresCluster cluster, Path log, EmbeddedOptions options) {
        this.cluster = cluster;
        this.log = log;
        this.options = options;
    }

    static Running start(Path dataFolder, BinaryCache binaries, EmbeddedOptions options) {
        long deadline = System.nanoTime() + options.startTimeout().toNanos();
        try {
            PostgresCluster cluster = new PostgresCluster(dataFolder, binaries.postgres(), options.durable());
            String password = cluster.prepare(deadline);
            cluster.requireWritable();
            PostgresServer server = new PostgresServer(cluster, dataFolder.resolve("postgres.log"), options);
            ServerProcess process = server.startOnFreePort(deadline);
            return new Running(Supervisor.watch(server, process, options), server.port, password);
        } catch (IOException e) {
            throw new EmbeddedException(
                    "Cannot use " + dataFolder.resolve("postgres") + " (" + Folders.reason(e)
                            + "); check that you may read and write it and that the disk is not full.",
                    e);
        }
    }

    private ServerProcess startOnFreePort(long deadline) throws IOException {
        for (int attempt = 1; ; attempt++) {
            port = Ports.free();
            ServerProcess process = launch();
            if (process.awaitReady(() -> ready(process), deadline)) {
                return process;
            }
            ServerProcess.stop(process.handle(), stopSignals(), options.stopTimeout());
            boolean passing = process.complainsOf("could not bind") || process.complainsOf("still in use");
            if (!passing || attempt == ATTEMPTS) {
                throw failure(process);
            }
        }
    }

    @Override
    public String name() {
        return "PostgreSQL";
    }

    @Override
    public List<String> stopSignals() {
        return List.of("INT", "QUIT"); // fast, then immediate: never wait for clients
    }

    @Override
    public ServerProcess restart() throws IOException {
        ServerProcess process = launch();
        long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        if (process.awaitReady(() -> ready(process), deadline)) {
            return process;
        }
        ServerProcess.stop(process.handle(), stopSignals(), options.stopTimeout());
        throw failure(process);
    }

    private EmbeddedException failure(ServerProcess process) {
        String complaint = process.complaint();
        if (complaint.contains("unshare")) {
            return complaint.contains("Permission denied")
                    ? new EmbeddedException("The data folder " + log.getParent()
                            + " belongs to another user; start Penstock as that user, or give the folder to root with"
                            + " chown -R.")
                    : new EmbeddedException(PostgresCluster.rootSentence());
        }
        return new EmbeddedException("PostgreSQL did not start on " + cluster.folder() + " (" + complaint + "); see "
                + log + ", restore the folder from a backup, or move it away to start empty.");
    }

    private ServerProcess launch() throws IOException {
        List<String> command = cluster.command(
                "postgres",
                "-D",
                cluster.folder().toString(),
                "-p",
                Integer.toString(port),
                "-c",
                "listen_addresses=127.0.0.1",
                "-c",
                "unix_socket_directories=");
        for (String setting : settings()) {
            command.add("-c");
            command.add(setting);
        }
        return ServerProcess.launch(command, cluster.folder(), log);
    }

    /** Memory for a small machine; a log that holds what the server says about itself, not every bad query. */
    private List<String> settings() {
        String sync = options.durable() ? "on" : "off";
        return List.of(
                "fsync=" + sync,
                "synchronous_commit=" + sync,
                "full_page_writes=" + sync,
                "shared_buffers=64MB",
                "max_connections=100",
                "work_mem=4MB",
                "maintenance_work_mem=32MB",
                "max_wal_size=256MB",
                "min_wal_size=48MB",
                "wal_level=minimal",
                "max_wal_senders=0",
                "max_worker_processes=4",
                "max_parallel_workers=2",
                "io_workers=1",
                "huge_pages=off",
                "jit=off",
                "timezone=UTC",
                "log_timezone=UTC",
                "log_checkpoints=off",
                "log_min_messages=log",
                "cluster_name=penstock");
    }

    /** PostgreSQL itself says in the eighth line of its pid file whether it takes connections. */
    private boolean ready(ServerProcess process) {
        try {
            String text = Files.readString(cluster.folder().resolve("postmaster.pid"), StandardCharsets.ISO_8859_1);
            List<String> lines = text.lines().toList();
            return lines.size() >= 8
                    && PostgresCluster.pidIn(text) == process.pid()
                    && lines.get(7).strip().equals("ready");
        } catch (IOException _) {
            return false; // not written yet
        }
    }

    /** A started server: what watches it, and how to reach it. */
    record Running(Supervisor supervisor, int port, String password) {
        String url() {
            return "postgresql://" + PostgresCluster.USER + ":" + password + "@127.0.0.1:" + port + "/"
                    + PostgresCluster.DATABASE;
        }

        String jdbcUrl() {
            return "jdbc:postgresql://127.0.0.1:" + port + "/" + PostgresCluster.DATABASE + "?user="
                    + PostgresCluster.USER + "&password=" + password;
        }
    }
}
