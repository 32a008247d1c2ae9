package dev.penstock.gateway;

import dev.penstock.testkit.Await;
import dev.penstock.testkit.ModelServer;
import dev.penstock.testkit.ServiceHarness;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;

/** A real gateway on a real bus between fake neighbours and a scripted model server. */
final class GatewayFixture implements AutoCloseable {
    static final String KEY = "psk-0123456789abcdefghijklmnopqrstuvwxyzABCDEFG";

    static final Duration HEARTBEAT = Duration.ofMillis(200);

    final Vertx backendVertx = Vertx.vertx();
    final ModelServer model = Await.result(ModelServer.start(backendVertx));
    /** Where a test may let a model of its own listen. */
    final int endlessPort;

    final ServiceHarness harness;
    final GatewayService gateway = new GatewayService(HEARTBEAT);
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    GatewayFixture(Path folder, String more) {
        this(folder, more, "", "");
    }

    /** With more settings of credentials, two spaces before each line. */
    static GatewayFixture trusting(Path folder, String auth, String more) {
        return new GatewayFixture(folder, yaml -> yaml.replace("batching:\n", auth + "batching:\n") + more);
    }

    /** The same with Redis. */
    static GatewayFixture serving(Path folder, String server, String more, String redisUrl, String postgresUrl) {
        return new GatewayFixture(folder, server, more, redisUrl, postgresUrl, postgresUrl, freePort());
    }

    private GatewayFixture(Path folder, UnaryOperator<String> change) {
        endlessPort = freePort();
        harness = ServiceHarness.with(change.apply(config(model.baseUrl())), folder, "", "");
        harness.start(gateway);
    }

    /** With stores at these URLs. */
    GatewayFixture(Path folder, String more, String redisUrl, String postgresUrl) {
        this(folder, "", more, redisUrl, postgresUrl, postgresUrl, freePort());
    }

    private GatewayFixture(
            Path folder,
            String server,
            String more,
            String redisUrl,
            String ownerUrl,
            String applicationUrl,
            int endlessPort) {
        this.endlessPort = endlessPort;
        String yaml = config(model.baseUrl())
                        .replace("  h2c: true\n", server.contains("h2c:") ? server : "  h2c: true\n" + server)
                + more;
        harness = ServiceHarness.withRoles(yaml, folder, redisUrl, ownerUrl, applicationUrl);
        harness.start(gateway);
    }

    /** With more settings of the server, two spaces before each line. */
    static GatewayFixture serving(Path folder, String server, String more, String postgresUrl) {
        return new GatewayFixture(folder, server, more, "", postgresUrl, postgresUrl, freePort());
    }

    /** With settings that name {@link #endlessPort}, and stores. */
    static GatewayFixture withEndless(Path folder, IntFunction<String> more, String redisUrl, String postgresUrl) {
        int port = freePort();
        return new GatewayFixture(folder, "", more.apply(port), redisUrl, postgresUrl, postgresUrl, port);
    }

    /** With a role that owns the schema and another that the gateway uses. */
    static GatewayFixture withRoles(Path folder, String more, String redisUrl, String ownerUrl, String applicationUrl) {
        return new GatewayFixture(folder, "", more, redisUrl, ownerUrl, applicationUrl, freePort());
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    int port() {
        return gateway.port();
    }

    private String config(String url) {
        return """
                server:
                  port: 0
                  drain: 2s
                  max-body: 64KiB
                  idle-timeout: 2s
                  h2c: true
                auth:
                  secret: a-secret-for-tests
                  admin-key: %s
                batching:
                  lease-renewal: 100ms
                models:
                  - name: embed
                    operations: [embeddings]
                    instances: [{name: one, url: "%s", model: sandbox-embed}]
                  - name: org/chat
                    operations: [chat, completions, responses]
                    instances: [{name: one, url: "%s", model: sandbox-chat}, {name: two, url: "%s", model: sandbox-chat}]
                  - name: endless
                    operations: [chat]
                    instances: [{name: one, url: "http://127.0.0.1:%d/v1"}]
                  - name: judge
                    operations: [moderations]
                    instances: [{name: one, url: "%s", model: sandbox-moderation}]
                  - name: rank
                    operations: [rerank]
                    instances: [{name: one, url: "%s", model: sandbox-rerank}]
                  - name: label
                    operations: [classify]
                    instances: [{name: one, url: "%s", model: sandbox-classify}]
                  - name: claude
                    operations: [chat]
                    instances: [{name: one, url: "%s", model: sandbox-chat-claude, api: anthropic, api-key: sk-ant}]
                """.formatted(KEY, url, url, url, endlessPort, url, url, url, url);
    }

    FakeCache cache() {
        return new FakeCache(harness);
    }

    FakeBatching batching() {
        return new FakeBatching(harness, List.of("one", "two"));
    }

    HttpRequest.Builder request(String path, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.port() + path))
                .header("Authorization", "Bearer " + KEY);
        for (int i = 0; i < headers.length; i += 2) {
            request.setHeader(headers[i], headers[i + 1]);
        }
        return request;
    }

    HttpResponse<String> get(String path, String... headers) {
        return send(request(path, headers).build());
    }

    HttpResponse<String> post(String path, String body, String... headers) {
        return send(posting(path, body, headers));
    }

    HttpResponse<String> embed(String body, String... headers) {
        return post("/v1/embeddings", body, headers);
    }

    CompletableFuture<HttpResponse<String>> postLater(String path, String body, String... headers) {
        return client.sendAsync(posting(path, body, headers), BodyHandlers.ofString());
    }

    HttpClient client() {
        return client;
    }

    HttpRequest posting(String path, String body, String... headers) {
        return request(path, headers)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
    }

    HttpResponse<String> send(HttpRequest request) {
        try {
            return client.send(request, BodyHandlers.ofString());
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        client.close();
        harness.close();
        Await.result(model.close());
        Await.result(backendVertx.close());
    }
}
