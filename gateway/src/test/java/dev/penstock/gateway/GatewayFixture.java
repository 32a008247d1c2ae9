package dev.penstock.gateway;

import dev.penstock.testkit.Await;
import dev.penstock.testkit.ModelServer;
import dev.penstock.testkit.ServiceHarness;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A real gateway on a real bus between fake neighbours and a scripted model server. */
final class GatewayFixture implements AutoCloseable {
    static final String KEY = "psk-0123456789abcdefghijklmnopqrstuvwxyzABCDEFG";

    final Vertx backendVertx = Vertx.vertx();
    final ModelServer model = Await.result(ModelServer.start(backendVertx));
    final ServiceHarness harness;
    final GatewayService gateway = new GatewayService();
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    GatewayFixture(Path folder, String more) {
        harness = ServiceHarness.bare(config(model.baseUrl()) + more, folder);
        harness.start(gateway);
    }

    private static String config(String url) {
        return """
                server:
                  port: 0
                  drain: 2s
                  max-body: 64KiB
                  idle-timeout: 2s
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
                    operations: [chat]
                    instances: [{name: one, url: "%s", model: sandbox-chat}, {name: two, url: "%s", model: sandbox-chat}]
                """.formatted(KEY, url, url, url);
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
