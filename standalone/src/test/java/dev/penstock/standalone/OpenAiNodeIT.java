package dev.penstock.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.common.config.ConfigLoader;
import dev.penstock.common.config.ConfigResult;
import dev.penstock.common.config.PenstockConfig;
import dev.penstock.sandbox.SandboxOptions;
import dev.penstock.sandbox.SandboxServer;
import dev.penstock.testkit.Await;
import dev.penstock.testkit.TestServers;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIf;
import org.junit.jupiter.api.io.TempDir;

/** The official Node clients of OpenAI and Anthropic, installed from the registry by this test, are the judges of our wire. */
class OpenAiNodeIT {
    private static final String ADMIN = "psk-admin-key-of-the-node-test-0123456789";
    private static final Path SCRIPTS = Path.of("src", "test", "node");

    @TempDir
    Path folder;

    @Test
    @DisabledIf(value = "nodeIsMissing", disabledReason = "Node 20 or later and npm are not installed on this machine")
    void theOfficialNodeClientsFindEverythingThatTheyNeed() throws Exception {
        Path work = installClient();
        Vertx vertx = Vertx.vertx();
        SandboxServer sandbox = Await.result(SandboxServer.start(vertx, SandboxOptions.DEFAULTS));
        int port = freePort();
        App app = Await.result(
                App.start(AppOptions.standalone(config(port, sandbox.baseUrl()), folder.resolve("data"))
                        .forTests(TestServers.binaries())),
                Duration.ofSeconds(90));
        try {
            String base = "http://127.0.0.1:" + port;
            Run run = run(
                    work,
                    Map.of(
                            "BASE_URL",
                            base + "/v1",
                            "API_KEY",
                            ADMIN,
                            "LIMITED_KEY",
                            createKey(base),
                            "SANDBOX_URL",
                            sandbox.baseUrl().replace("/v1", "")),
                    Duration.ofSeconds(90),
                    "node",
                    "sdk.mjs");
            assertThat(run.exit()).as(run.output()).isZero();
            assertThat(run.output().lines().filter(line -> line.startsWith("ok ")))
                    .hasSize(18);
        } finally {
            Await.result(app.stop(), Duration.ofSeconds(60));
            Await.result(sandbox.close());
            Await.result(vertx.close());
        }
    }

    static boolean nodeIsMissing() {
        try {
            return run(Path.of("."), Map.of(), Duration.ofSeconds(20), "node", "--version")
                                    .exit()
                            != 0
                    || run(Path.of("."), Map.of(), Duration.ofSeconds(20), "npm", "--version")
                                    .exit()
                            != 0;
        } catch (IOException e) {
            return true;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private Path installClient() throws Exception {
        Path work = Files.createDirectory(folder.resolve("node"));
        for (String file : List.of("package.json", "package-lock.json", "sdk.mjs")) {
            Files.copy(SCRIPTS.resolve(file), work.resolve(file));
        }
        Run install =
                run(work, Map.of(), Duration.ofMinutes(3), "npm", "ci", "--no-audit", "--no-fund", "--loglevel=error");
        assertThat(install.exit()).as("npm ci: %s", install.output()).isZero();
        return work;
    }

    private static PenstockConfig config(int port, String sandboxUrl) {
        String yaml = """
                server: {port: %d, management-port: 0}
                auth: {admin-key: %s}
                models:
                  - name: sandbox-chat
                    operations: [chat, completions, responses]
                    instances: [{name: one, url: "%s"}]
                  - name: sandbox-chat-claude
                    operations: [chat]
                    instances: [{name: one, url: "%s", api: anthropic, api-key: x}]
                  - name: sandbox-moderation
                    operations: [moderations]
                    instances: [{name: one, url: "%s"}]
                  - name: sandbox-embed
                    operations: [embeddings]
                    instances: [{name: one, url: "%s"}]
                aliases:
                  - {name: either, targets: [{model: sandbox-chat}, {model: sandbox-chat-claude}]}
                """.formatted(port, ADMIN, sandboxUrl, sandboxUrl, sandboxUrl, sandboxUrl);
        return switch (ConfigLoader.parse(yaml, Map.of())) {
            case ConfigResult.Loaded loaded -> loaded.config();
            case ConfigResult.Rejected rejected -> throw new AssertionError(rejected.errors());
        };
    }

    private static String createKey(String base) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(base + "/api/admin/keys"))
                .header("authorization", "Bearer " + ADMIN)
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"name\":\"limited\",\"role\":\"user\"}"))
                .build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
            return new JsonObject(answer.body()).getString("key");
        }
    }

    private record Run(int exit, String output) {}

    private static Run run(Path folder, Map<String, String> environment, Duration limit, String... command)
            throws IOException, InterruptedException {
        Path output = Files.createTempFile("penstock-node", ".log");
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process process = builder.redirectOutput(output.toFile()).start();
        if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
            process.destroyForcibly();
            throw new AssertionError(String.join(" ", command) + " took too long:\n" + Files.readString(output));
        }
        String text = Files.readString(output);
        Files.delete(output);
        return new Run(process.exitValue(), text);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
