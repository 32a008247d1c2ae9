package dev.penstock.gateway.oidc;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Reads a small JSON document over HTTP: bounded in bytes and time, without redirects. Any event loop. */
final class BoundedFetch {
    private static final Duration LIMIT = Duration.ofSeconds(5);
    /** Key sets of big issuers have some 10 KiB. */
    private static final int MOST_BYTES = 256 * 1024;

    private final HttpClient client;

    BoundedFetch(HttpClient client) {
        this.client = client;
    }

    Future<JsonObject> json(String url) {
        RequestOptions options;
        try {
            options = new RequestOptions()
                    .setAbsoluteURI(url)
                    .setMethod(HttpMethod.GET)
                    .setFollowRedirects(false)
                    .setTimeout(LIMIT.toMillis())
                    .putHeader("accept", "application/json");
        } catch (RuntimeException e) {
            return Future.failedFuture(new IOException("'" + url + "' is no URL", e));
        }
        return client.request(options)
                .compose(request -> request.send()
                        .compose(BoundedFetch::body)
                        .timeout(LIMIT.toMillis(), TimeUnit.MILLISECONDS)
                        .onFailure(cause -> request.reset()))
                .map(body -> parsed(url, body));
    }

    private static JsonObject parsed(String url, Buffer body) {
        try {
            return new JsonObject(body);
        } catch (DecodeException | ClassCastException e) {
            throw new IllegalArgumentException(url + " answered something else than a JSON object", e);
        }
    }

    private static Future<Buffer> body(HttpClientResponse response) {
        if (response.statusCode() != 200) {
            // Given up below: that its body then breaks off is no news.
            response.exceptionHandler(broken -> {});
            return Future.failedFuture(new IOException("status " + response.statusCode()));
        }
        Promise<Buffer> whole = Promise.promise();
        Buffer sum = Buffer.buffer();
        response.handler(part -> {
            if (sum.length() + part.length() > MOST_BYTES) {
                whole.tryFail(new IOException("more than " + MOST_BYTES + " bytes"));
            } else {
                sum.appendBuffer(part);
            }
        });
        response.exceptionHandler(whole::tryFail);
        response.endHandler(end -> whole.tryComplete(sum));
        return whole.future();
    }
}
