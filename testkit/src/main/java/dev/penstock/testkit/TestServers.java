package dev.penstock.testkit;

import dev.penstock.embedded.EmbeddedException;
import dev.penstock.embedded.EmbeddedOptions;
import dev.penstock.embedded.EmbeddedServers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * One PostgreSQL and one Redis for all tests of a JVM, started by the first that asks and stopped with the
 * JVM. Each test takes a database of its own, so that tests neither meet nor clean up. Thread-safe.
 */
public final class TestServers {
    private static final Path SCRATCH =
            Path.of(System.getProperty("java.io.tmpdir"), "penstock-tests-" + System.getProperty("user.name"));
    private static final int REDIS_DATABASES = 64;
    private static final AtomicInteger NEXT_DATABASE = new AtomicInteger();
    private static final AtomicInteger NEXT_REDIS = new AtomicInteger();

    private TestServers() {}

    /** A new, empty PostgreSQL database. */
    public static Database freshDatabase() {
        EmbeddedServers servers = Shared.SERVERS;
        String name = "test_" + NEXT_DATABASE.incrementAndGet();
        try (Connection connection = DriverManager.getConnection(servers.jdbcUrl());
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + name + " TEMPLATE template0");
        } catch (SQLException e) {
            throw new AssertionError("cannot create a database", e);
        }
        return new Database(renamed(servers.postgresUrl(), name), renamed(servers.jdbcUrl(), name));
    }

    /**
     * The URL of an empty Redis database ({@code redis://127.0.0.1:port/n}). There are 64 in a JVM, used in
     * turn; publish and subscribe know no databases, so channels are shared. A test that stops Redis or needs
     * more starts its own: {@link #ownServers}.
     */
    public static String freshRedis() {
        int index = NEXT_REDIS.getAndIncrement() % REDIS_DATABASES;
        URI server = URI.create(Shared.SERVERS.redisUrl());
        try (Socket socket = new Socket(server.getHost(), server.getPort())) {
            String commands = "SELECT " + index + "\r\nFLUSHDB\r\nQUIT\r\n";
            socket.getOutputStream().write(commands.getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            if (!answer.startsWith("+OK\r\n+OK")) {
                throw new AssertionError("cannot empty a Redis database: " + answer);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return server + "/" + index;
    }

    /** Servers of the test's own, for tests that stop or kill them; the test closes them. */
    public static EmbeddedServers ownServers(Path dataDir, boolean postgres, boolean redis) {
        return EmbeddedServers.start(dataDir, options().withServers(postgres, redis));
    }

    /** Where the unpacked servers are, shared by all tests of this machine's user. */
    public static Path binaries() {
        return SCRATCH.resolve("bin");
    }

    /** The options of {@link #ownServers}: not durable, no Redis password, not supervised, shared binaries. */
    public static EmbeddedOptions options() {
        return EmbeddedOptions.forTests().withBinaries(binaries());
    }

    /** {@code …/penstock} or {@code …/penstock?…} with another database. */
    private static String renamed(String url, String database) {
        return url.replaceFirst("/penstock(?=$|\\?)", "/" + database);
    }

    /**
     * Where one database is.
     *
     * @param url {@code postgresql://user:password@127.0.0.1:port/name}, for the Vert.x client
     * @param jdbcUrl the same for JDBC, with user and password as parameters
     */
    public record Database(String url, String jdbcUrl) {}

    /** Started when first touched. */
    private static final class Shared {
        static final EmbeddedServers SERVERS = start();

        private Shared() {}

        private static EmbeddedServers start() {
            Path folder = SCRATCH.resolve("run-" + ProcessHandle.current().pid());
            clearDeadRuns();
            EmbeddedServers servers = EmbeddedServers.start(folder, options());
            Runtime.getRuntime()
                    .addShutdownHook(new Thread(
                            () -> {
                                servers.close();
                                delete(folder);
                            },
                            "test-servers"));
            return servers;
        }

        /** A test JVM that was killed left its servers and files. */
        private static void clearDeadRuns() {
            if (!Files.isDirectory(SCRATCH)) {
                return;
            }
            try (Stream<Path> runs = Files.list(SCRATCH)) {
                runs.filter(Shared::isDead).forEach(run -> {
                    EmbeddedServers.stopLeftovers(run);
                    delete(run);
                });
            } catch (IOException | UncheckedIOException | EmbeddedException _) {
                // Another test JVM is clearing the same ones.
            }
        }

        private static boolean isDead(Path run) {
            String name = run.getFileName().toString();
            return name.matches("run-\\d{1,18}")
                    && ProcessHandle.of(Long.parseLong(name.substring(4))).isEmpty();
        }

        private static void delete(Path root) {
            try (Stream<Path> walk = Files.walk(root)) {
                List<Path> deepestFirst = walk.sorted(Comparator.reverseOrder()).toList();
                for (Path path : deepestFirst) {
                    Files.deleteIfExists(path);
                }
            } catch (IOException | UncheckedIOException _) {
                // The next run tries again.
            }
        }
    }
}
