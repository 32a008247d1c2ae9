package dev.penstock.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import org.junit.jupiter.api.Test;

class TestServersIT {
    @Test
    void databasesAreEmptyAndApart() throws Exception {
        TestServers.Database first = TestServers.freshDatabase();
        TestServers.Database second = TestServers.freshDatabase();
        assertThat(first.url()).isNotEqualTo(second.url());
        assertThat(first.url()).matches("postgresql://penstock:\\w+@127.0.0.1:\\d+/test_\\d+");
        execute(first, "CREATE TABLE t (i int)");
        execute(second, "CREATE TABLE t (i int)");
        long before = System.nanoTime();
        TestServers.freshDatabase();
        System.out.println("a fresh database took " + (System.nanoTime() - before) / 1_000_000 + " ms");
    }

    @Test
    void redisDatabasesAreEmptyAndApart() throws IOException {
        String first = TestServers.freshRedis();
        String second = TestServers.freshRedis();
        assertThat(redis(first, "SET k v")).contains("+OK");
        assertThat(redis(second, "DBSIZE")).contains(":0");
        assertThat(redis(first, "DBSIZE")).contains(":1");
    }

    private static void execute(TestServers.Database database, String sql) throws Exception {
        try (Connection connection = DriverManager.getConnection(database.jdbcUrl());
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
            try (ResultSet rows = statement.executeQuery("SELECT current_database()")) {
                rows.next();
                assertThat(database.url()).endsWith("/" + rows.getString(1));
            }
        }
    }

    private static String redis(String url, String command) throws IOException {
        URI uri = URI.create(url);
        try (Socket socket = new Socket(uri.getHost(), uri.getPort())) {
            String text = "SELECT " + uri.getPath().substring(1) + "\r\n" + command + "\r\nQUIT\r\n";
            socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
