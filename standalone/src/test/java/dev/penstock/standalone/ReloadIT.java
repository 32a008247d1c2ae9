package dev.penstock.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.common.config.ConfigLoader;
import dev.penstock.common.config.ConfigResult;
import dev.penstock.common.contract.MonitorContract.Status;
import dev.penstock.testkit.Await;
import dev.penstock.testkit.TestServers;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A running gateway goes over to what its file says now, and nobody who calls notices. */
class ReloadIT {
    private static final Duration START = Duration.ofSeconds(90);
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final int CALLS = 500;

    @TempDir
    Path folder;

    @Test
    void requestsGoOnWhileModelsAndLimitsChangeAndABadFileIsRefused() throws Exception {
        Path file = folder.resolve("penstock.yaml");
        put(file, document("sandbox-embed", 1_000_000));
        App app = Await.result(App.start(options(file)), START);
        try (HttpClient client = HttpClient.newHttpClient();
                ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            int port = app.config().server().port();
            String key = Files.readString(folder.resolve("data/admin.key")).strip();
            assertThat(embed(client, port, key, "second", "x").statusCode()).isEqualTo(404);

            List<Future<Integer>> statuses = new ArrayList<>();
            for (int i = 0; i < CALLS; i++) {
                String text = "text " + i;
                statuses.add(callers.submit(
                        () -> embed(client, port, key, "first", text).statusCode()));
                if (i == CALLS / 2) {
                    put(file, document("sandbox-embed", 3) + model("second", "sandbox-embed"));
                    var reload = send(client, post(port, "/api/admin/config/reload", key, ""));
                    assertThat(reload.statusCode()).as(reload.body()).isEqualTo(200);
                    assertThat(new JsonObject(reload.body()).getString("status"))
                            .isEqualTo("changed");
                }
            }
            for (Future<Integer> status : statuses) {
                assertThat(status.get(60, TimeUnit.SECONDS)).isEqualTo(200);
            }
            assertThat(embed(client, port, key, "second", "now").statusCode()).isEqualTo(200);

            String user = key(client, port, key);
            Await.until("the new limit holds", SOON, () -> status(client, port, user) == 429);

            put(file, "models: [{name: first}]\n");
            Await.until(
                    "the refusal is in health",
                    SOON,
                    () -> app.health().report().checks().stream()
                            .anyMatch(check -> check.name().equals("configuration")
                                    && check.status() == Status.DEGRADED
                                    && String.valueOf(check.detail()).contains("models")));
            assertThat(embed(client, port, key, "second", "still").statusCode()).isEqualTo(200);

            put(file, document("sandbox-embed", 1_000_000));
            Await.until(
                    "the model is gone",
                    SOON,
                    () -> unchecked(() ->
                                    embed(client, port, key, "second", "x").statusCode())
                            == 404);
            assertThat(embed(client, port, key, "first", "last").statusCode()).isEqualTo(200);
            Await.until(
                    "health is clear",
                    SOON,
                    () -> app.health().report().checks().stream()
                            .anyMatch(
                                    check -> check.name().equals("configuration") && check.status() == Status.HEALTHY));
        } finally {
            Await.result(app.stop(), START);
        }
    }

    /** In one step, as a configuration is replaced: a watcher must never see half of it. */
    private static void put(Path file, String text) throws IOException {
        Path made = Files.writeString(file.resolveSibling("next.yaml"), text);
        Files.move(made, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static String document(String model, int perMinute) {
        return "server: {port: 0, management-port: 0, drain: 1s}\n"
                + "limits: [{name: analysis, per-minute: " + perMinute + "}]\n"
                + "models:\n" + model("first", model);
    }

    private static String model(String name, String model) {
        return "- name: " + name + "\n  operations: [embeddings]\n  instances:\n"
                + "  - {name: i1, url: sandbox, model: " + model + "}\n";
    }

    private AppOptions options(Path file) {
        ConfigSource source = new ConfigSource(Optional.of(file), () -> read(file));
        ConfigResult.Loaded loaded = (ConfigResult.Loaded) read(file);
        return AppOptions.standalone(loaded.config(), folder.resolve("data"))
                .withSource(loaded.contentHash(), source)
                .forTests(TestServers.options().binaries().orElseThrow());
    }

    private static ConfigResult read(Path file) {
        return unchecked(() -> ConfigLoader.parse(Files.readString(file), Map.of()));
    }

    /** A key that limits hold for: the first admin key has none. */
    private static String key(HttpClient client, int port, String admin) throws IOException, InterruptedException {
        var made = send(client, post(port, "/api/admin/keys", admin, "{\"name\":\"caller\",\"role\":\"user\"}"));
        assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
        return new JsonObject(made.body()).getString("key");
    }

    private static int status(HttpClient client, int port, String key) {
        return unchecked(() -> embed(client, port, key, "first", "limited").statusCode());
    }

    private static HttpResponse<String> embed(HttpClient client, int port, String key, String model, String text)
            throws IOException, InterruptedException {
        String body = "{\"model\":\"" + model + "\",\"input\":\"" + text + "\"}";
        return send(client, post(port, "/v1/embeddings", key, body));
    }

    private static HttpRequest post(int port, String path, String key, String body) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(SOON)
                .header("authorization", "Bearer " + key)
                .header("content-type", "application/json")
                .POST(BodyPublishers.ofString(body))
                .build();
    }

    private static HttpResponse<String> send(HttpClient client, HttpRequest request)
            throws IOException, InterruptedException {
        return client.send(request, BodyHandlers.ofString());
    }

    private interface Call<T> {
        T run() throws IOException, InterruptedException;
    }

    private static <T> T unchecked(Call<T> call) {
        try {
            return call.run();
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
