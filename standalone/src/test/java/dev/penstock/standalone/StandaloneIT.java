package dev.penstock.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.common.config.ConfigLoader;
import dev.penstock.common.config.PenstockConfig;
import dev.penstock.testkit.Await;
import dev.penstock.testkit.TestServers;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole of Penstock in this JVM, with servers of its own. */
class StandaloneIT {
    private static final Duration START = Duration.ofSeconds(60);

    @TempDir
    Path data;

    @Test
    void startsAnswersStopsAndKeepsItsKeyOverARestart() throws Exception {
        int port = freePort();
        App first = Await.result(App.start(options(port)), START);
        String key;
        try (HttpClient client = HttpClient.newHttpClient()) {
            key = Files.readString(data.resolve("admin.key")).strip();
            assertThat(get(client, port, "/health/simple", key).statusCode()).isEqualTo(200);
            var embedding =
                    post(client, port, "/v1/embeddings", key, "{\"model\":\"sandbox-embed\",\"input\":\"water\"}");
            assertThat(embedding.statusCode()).as(embedding.body()).isEqualTo(200);
            assertThat(new JsonObject(embedding.body()).getJsonArray("data")).hasSize(1);
            var chat = post(
                    client,
                    port,
                    "/v1/chat/completions",
                    key,
                    "{\"model\":\"sandbox-chat\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}");
            assertThat(chat.statusCode()).as(chat.body()).isEqualTo(200);
            assertThat(new JsonObject(chat.body()).getJsonArray("choices")).hasSize(1);
        } finally {
            Await.result(first.stop(), START);
        }
        App second = Await.result(App.start(options(port)), START);
        try (HttpClient client = HttpClient.newHttpClient()) {
            assertThat(Files.readString(data.resolve("admin.key")).strip()).isEqualTo(key);
            assertThat(get(client, port, "/v1/models", key).statusCode()).isEqualTo(200);
        } finally {
            Await.result(second.stop(), START);
        }
    }

    @Test
    void busyPortIsOneSentenceAndLeavesNothingRunning() throws Exception {
        try (ServerSocket busy = new ServerSocket(0)) {
            assertThatThrownBy(() -> Await.result(App.start(options(busy.getLocalPort())), START))
                    .hasStackTraceContaining("choose another with --port");
        }
        // The folder is free again, so everything that was begun has ended.
        App app = Await.result(App.start(options(freePort())), START);
        Await.result(app.stop(), START);
    }

    @Test
    void secondProcessOnTheSameFolderIsRefused() throws Exception {
        App app = Await.result(App.start(options(freePort())), START);
        try {
            assertThatThrownBy(() -> Await.result(App.start(options(freePort())), START))
                    .hasStackTraceContaining("in use by another Penstock");
        } finally {
            Await.result(app.stop(), START);
        }
    }

    @Test
    void portZeroIsAnsweredWithTheRealOne() throws Exception {
        App app = Await.result(App.start(options(0)), START);
        try (HttpClient client = HttpClient.newHttpClient()) {
            int port = app.config().server().port();
            assertThat(port).isPositive();
            assertThat(get(client, port, "/health/simple", "none").statusCode()).isEqualTo(200);
            URI sandbox = URI.create(app.sandboxUrl().orElseThrow() + "/v1/models");
            assertThat(client.send(HttpRequest.newBuilder(sandbox).build(), BodyHandlers.discarding())
                            .statusCode())
                    .isEqualTo(200);
        } finally {
            Await.result(app.stop(), START);
        }
    }

    @Test
    void brokenDataIsOneSentenceThatNamesTheFolder() throws Exception {
        Await.result(Await.result(App.start(options(0)), START).stop(), START);
        Path redis = data.resolve("redis/appendonly.aof");
        byte[] good = Files.readAllBytes(redis);
        Files.writeString(redis, "no such format");
        assertThatThrownBy(() -> Await.result(App.start(options(0)), START))
                .hasStackTraceContaining("Redis did not start on")
                .hasStackTraceContaining("redis.log");
        Files.write(redis, good);
        Files.write(data.resolve("postgres/global/pg_control"), new byte[8192]);
        assertThatThrownBy(() -> Await.result(App.start(options(0)), START))
                .hasStackTraceContaining("PostgreSQL did not start on")
                .hasStackTraceContaining("restore the folder from a backup");
    }

    private AppOptions options(int port) {
        PenstockConfig config = ConfigLoader.parse(
                        "server: {port: " + port + ", management-port: 0, drain: 1s}", Map.of())
                .orThrow();
        return AppOptions.standalone(config, data)
                .forTests(TestServers.options().binaries().orElseThrow());
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static HttpResponse<String> get(HttpClient client, int port, String path, String key)
            throws IOException, InterruptedException {
        return client.send(request(port, path, key).GET().build(), BodyHandlers.ofString());
    }

    private static HttpResponse<String> post(HttpClient client, int port, String path, String key, String body)
            throws IOException, InterruptedException {
        return client.send(
                request(port, path, key).POST(BodyPublishers.ofString(body)).build(), BodyHandlers.ofString());
    }

    private static HttpRequest.Builder request(int port, String path, String key) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(Duration.ofSeconds(20))
                .header("Authorization", "Bearer " + key)
                .header("Content-Type", "application/json");
    }
}
