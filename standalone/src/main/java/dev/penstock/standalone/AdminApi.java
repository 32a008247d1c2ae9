package dev.penstock.standalone;

import dev.penstock.common.lifecycle.StartException;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A running gateway's admin API, as the command line uses it. Blocks. */
record AdminApi(String url, String key) {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    /**
     * One call.
     *
     * @return the answer's body, empty where there is none
     * @throws StartException with a sentence when the gateway cannot be reached or refuses
     */
    JsonObject call(String method, String path, @Nullable JsonObject body) {
        HttpRequest request = HttpRequest.newBuilder(uri(path))
                .timeout(LIMIT)
                .header("Authorization", "Bearer " + key)
                .header("Content-Type", "application/json")
                .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body.encode()))
                .build();
        try (HttpClient client = HttpClient.newBuilder().connectTimeout(LIMIT).build()) {
            HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
            if (response.statusCode() >= 300) {
                throw new StartException(
                        "The gateway refused (" + response.statusCode() + "): " + reason(response.body()));
            }
            return response.body().isBlank() ? new JsonObject() : new JsonObject(response.body());
        } catch (IOException e) {
            throw new StartException(
                    "No gateway answers at " + url + "; start one with ./penstock up, or name it with --url.", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartException("Interrupted.", e);
        }
    }

    private URI uri(String path) {
        try {
            return URI.create(url.replaceAll("/+$", "") + path);
        } catch (IllegalArgumentException e) {
            throw new StartException("'" + url + "' is no URL; write it as " + "http://127.0.0.1:8080.", e);
        }
    }

    /** The detail of a problem document (RFC 9457), else what came. */
    private static String reason(String body) {
        try {
            JsonObject problem = new JsonObject(body);
            return problem.getString("detail", problem.getString("title", body));
        } catch (DecodeException e) {
            return body.isBlank() ? "no reason given." : body;
        }
    }
}
