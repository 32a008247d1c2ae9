package dev.penstock.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedServersIT {
    private static final EmbeddedOptions OPTIONS = EmbeddedOptions.DEFAULTS.withBinaries(
            Path.of(System.getProperty("java.io.tmpdir"), "penstock-it-bin-" + System.getProperty("user.name")));

    @TempDir
    Path folder;

    @Test
    void dataSurvivesARestartAndNothingIsLeftRunning() throws Exception {
        long postgresPid;
        long redisPid;
        try (EmbeddedServers servers = EmbeddedServers.start(folder, OPTIONS)) {
            postgresPid = servers.postgresPid();
            redisPid = servers.redisPid();
            write(servers);
        }
        assertGone(postgresPid);
        assertGone(redisPid);
        long before = System.nanoTime();
        try (EmbeddedServers servers = EmbeddedServers.start(folder, OPTIONS)) {
            System.out.println("second start took " + (System.nanoTime() - before) / 1_000_000 + " ms");
            assertThat(read(servers)).isEqualTo("kept kept");
        }
        System.out.println("second start and stop took " + (System.nanoTime() - before) / 1_000_000 + " ms");
    }

    @Test
    void theNextStartClearsAwayWhatAKilledJvmLeftRunning() throws Exception {
        Process child = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Holder.class.getName(),
                        folder.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String pids = child.inputReader().readLine();
        long postgresPid = Long.parseLong(pids.split(" ", -1)[0]);
        long redisPid = Long.parseLong(pids.split(" ", -1)[1]);
        assertThatThrownBy(() -> EmbeddedServers.start(folder, OPTIONS))
                .isInstanceOf(EmbeddedException.class)
                .hasMessageContaining("in use by another Penstock (process " + child.pid() + ")");
        child.destroyForcibly().waitFor(5, TimeUnit.SECONDS);
        assertThat(ProcessHandle.of(postgresPid)).as("orphaned").isPresent();
        assertThat(ProcessHandle.of(redisPid)).as("orphaned").isPresent();

        long before = System.nanoTime();
        try (EmbeddedServers servers = EmbeddedServers.start(folder, OPTIONS)) {
            System.out.println("start after kill -9 took " + (System.nanoTime() - before) / 1_000_000 + " ms");
            assertGone(postgresPid);
            assertGone(redisPid);
            assertThat(read(servers)).isEqualTo("kept kept");
        }
    }

    @Test
    void aServerThatDiesComesBackOnItsPort() throws Exception {
        try (EmbeddedServers servers = EmbeddedServers.start(folder, OPTIONS)) {
            write(servers);
            ProcessHandle.of(servers.postgresPid()).orElseThrow().destroyForcibly();
            ProcessHandle.of(servers.redisPid()).orElseThrow().destroyForcibly();
            until(() -> {
                try {
                    return read(servers).equals("kept kept");
                } catch (SQLException | IOException _) {
                    return false;
                }
            });
        }
    }

    @Test
    void strangersOnTheMachineAreNotLetIn() throws Exception {
        try (EmbeddedServers servers = EmbeddedServers.start(folder, OPTIONS)) {
            String noPassword = servers.jdbcUrl().replaceAll("password=\\w+", "password=guess");
            assertThatThrownBy(() -> DriverManager.getConnection(noPassword)).isInstanceOf(SQLException.class);
            URI redis = URI.create(servers.redisUrl());
            assertThat(redis(URI.create("redis://127.0.0.1:" + redis.getPort()), "GET k"))
                    .contains("NOAUTH");
            assertThat(PosixFilePermissions.toString(
                            Files.getPosixFilePermissions(folder.resolve("postgres.password"))))
                    .isEqualTo("rw-------");
        }
    }

    @Test
    void aLostPasswordFileIsReplaced() throws Exception {
        EmbeddedOptions postgresOnly = OPTIONS.withServers(true, false);
        EmbeddedServers.start(folder, postgresOnly).close();
        Files.delete(folder.resolve("postgres.password"));
        try (EmbeddedServers servers = EmbeddedServers.start(folder, postgresOnly);
                Connection connection = DriverManager.getConnection(servers.jdbcUrl())) {
            assertThat(connection.isValid(2)).isTrue();
        }
    }

    @Test
    void redisThatCannotReadItsFileSaysSo() throws Exception {
        EmbeddedOptions redisOnly = OPTIONS.withServers(false, true);
        EmbeddedServers.start(folder, redisOnly).close();
        Files.writeString(folder.resolve("redis/appendonly.aof"), "garbage\n");
        assertThatThrownBy(() -> EmbeddedServers.start(folder, redisOnly))
                .isInstanceOf(EmbeddedException.class)
                .hasMessageContaining("Redis did not start on")
                .hasMessageContaining("Bad file format")
                .hasMessageContaining("move the folder away");
    }

    private static void write(EmbeddedServers servers) throws SQLException, IOException {
        try (Connection connection = DriverManager.getConnection(servers.jdbcUrl());
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE t AS SELECT 'kept' AS v");
        }
        assertThat(redis(URI.create(servers.redisUrl()), "SET k kept")).contains("+OK");
    }

    private static String read(EmbeddedServers servers) throws SQLException, IOException {
        try (Connection connection = DriverManager.getConnection(servers.jdbcUrl());
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT v FROM t")) {
            rows.next();
            String answer = redis(URI.create(servers.redisUrl()), "GET k");
            return rows.getString(1) + (answer.contains("kept") ? " kept" : " " + answer);
        }
    }

    private static String redis(URI url, String command) throws IOException {
        try (Socket socket = new Socket(url.getHost(), url.getPort())) {
            String user = url.getUserInfo();
            String auth = user == null ? "" : "AUTH " + user.substring(1) + "\r\n";
            socket.getOutputStream().write((auth + command + "\r\nQUIT\r\n").getBytes(StandardCharsets.UTF_8));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static void assertGone(long pid) {
        assertThat(ProcessHandle.of(pid).map(ServerProcess::gone).orElse(true))
                .as("process " + pid + " is gone")
                .isTrue();
    }

    private static void until(BooleanSupplier condition) {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - deadline).as("time left").isNegative();
            LockSupport.parkNanos(20_000_000);
        }
    }

    /** Main class of the JVM that is killed. */
    static final class Holder {
        private Holder() {}

        public static void main(String[] args) throws Exception {
            EmbeddedServers servers = EmbeddedServers.start(Path.of(args[0]), OPTIONS);
            write(servers);
            System.out.println(servers.postgresPid() + " " + servers.redisPid());
            Thread.currentThread().join();
        }
    }
}
