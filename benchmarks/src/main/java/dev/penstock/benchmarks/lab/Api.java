package dev.penstock.benchmarks.lab;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Single calls for setting up and for looking on; what is measured goes over {@code load}. Blocks. */
public final class Api implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(LIMIT)
            .build();

    /** Calls and gives back whatever came. */
    public HttpResponse<byte[]> call(String method, int port, String path, Map<String, String> headers, String body)
            throws IOException {
        try {
            return client.send(request(method, port, path, headers, body), BodyHandlers.ofByteArray());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /** Calls and fails unless the answer is a JSON object with a status of 2xx. */
    public JsonObject json(String method, int port, String path, Map<String, String> headers, String body)
            throws IOException {
        HttpResponse<byte[]> response = call(method, port, path, headers, body);
        String text = new String(response.body(), java.nio.charset.StandardCharsets.UTF_8);
        if (response.statusCode() / 100 != 2) {
            throw new IOException(method + " " + path + " gave " + response.statusCode() + ": " + text);
        }
        return new JsonObject(text);
    }

    /** The statuses of equal calls that leave together. */
    public List<Integer> together(int count, int port, String path, Map<String, String> headers, String body) {
        List<CompletableFuture<HttpResponse<byte[]>>> calls = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            calls.add(client.sendAsync(request("POST", port, path, headers, body), BodyHandlers.ofByteArray()));
        }
        return calls.stream().map(call -> call.join().statusCode()).toList();
    }

    private static HttpRequest request(String method, int port, String path, Map<String, String> headers, String body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(LIMIT)
                .header("Content-Type", "application/json")
                .method(method, BodyPublishers.ofString(body));
        headers.forEach(request::header);
        return request.build();
    }

    @Override
    public void close() {
        client.close();
    }
}
