package dev.penstock.gateway;

import dev.penstock.testkit.Await;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** An ordinary service that says what it was asked, and misbehaves where its path says so. */
final class Upstream implements AutoCloseable {
    /** What arrived, by its head. */
    record Seen(String method, String uri, MultiMap headers) {}

    final List<Seen> seen = new CopyOnWriteArrayList<>();
    /** As {@link #failures}, for whichever server is asked. */
    static final AtomicInteger anyFailures = new AtomicInteger();

    final AtomicInteger failures = new AtomicInteger();
    final AtomicInteger aborted = new AtomicInteger();
    final AtomicLong bytes = new AtomicLong();
    final Set<Object> connections = ConcurrentHashMap.newKeySet();
    private final HttpServer server;
    private final String name;

    Upstream(Vertx vertx, String name) {
        this.name = name;
        this.server = vertx.createHttpServer(
                        new HttpServerOptions().setHost("127.0.0.1").setWebSocketSubProtocols(List.of("chat")))
                .connectionHandler(connections::add)
                .webSocketHandler(socket -> {
                    seen.add(new Seen("WS", socket.uri(), socket.headers()));
                    socket.textMessageHandler(text -> socket.writeTextMessage(name + ":" + text));
                    socket.binaryMessageHandler(socket::writeBinaryMessage);
                })
                .requestHandler(this::handle);
        Await.result(server.listen(0));
    }

    int port() {
        return server.actualPort();
    }

    private void handle(HttpServerRequest request) {
        if ("websocket".equalsIgnoreCase(request.getHeader("upgrade"))) {
            request.toWebSocket().onSuccess(socket -> {});
            return;
        }
        seen.add(new Seen(request.method().name(), request.uri(), request.headers()));
        String path = request.path();
        HttpServerResponse response = request.response();
        String last = path.substring(path.lastIndexOf('/') + 1);
        response.exceptionHandler(gone -> aborted.incrementAndGet());
        switch (last) {
            case "flaky" -> {
                if (failures.getAndDecrement() > 0 || anyFailures.getAndDecrement() > 0) {
                    request.connection().close();
                } else {
                    response.end(name);
                }
            }
            case "busy" -> response.setStatusCode(503).end("busy");
            case "stall" -> {}
            case "sized" -> response.putHeader("content-length", "42").end();
            case "half" -> {
                response.putHeader("content-length", "100").write("half");
                response.drainHandler(d -> {});
                request.connection().close();
            }
            case "hop" ->
                response.putHeader("connection", "x-secret")
                        .putHeader("x-secret", "1")
                        .putHeader("keep-alive", "timeout=5")
                        .putHeader("x-kept", "yes")
                        .putHeader("set-cookie", (Iterable<String>) List.of("a=1", "b=2"))
                        .putHeader("cache-control", "max-age=60")
                        .end("hop");
            case "redirect" ->
                response.setStatusCode(302).putHeader("location", "/elsewhere").end();
            case "empty" -> response.setStatusCode(204).end();
            case "unchanged" ->
                response.setStatusCode(304).putHeader("etag", "\"1\"").end();
            case "endless" -> {
                response.setChunked(true);
                endless(response);
            }
            case "chunks" -> {
                response.setChunked(true).putHeader("trailer", "x-sum");
                response.write("one,")
                        .onComplete(w -> response.write("two").onComplete(v -> {
                            response.putTrailer("x-sum", "3");
                            response.end();
                        }));
            }
            case "early" -> response.setStatusCode(413).end("too much for me");
            default -> echo(request);
        }
    }

    private static void endless(HttpServerResponse response) {
        Buffer chunk = Buffer.buffer(new byte[64 * 1024]);
        response.write(chunk).onSuccess(written -> endless(response));
    }

    private void echo(HttpServerRequest request) {
        request.handler(chunk -> bytes.addAndGet(chunk.length()));
        request.body().onSuccess(body -> {
            JsonObject headers = new JsonObject();
            request.headers().forEach((key, value) -> headers.put(key.toLowerCase(Locale.ROOT), value));
            request.response()
                    .putHeader("content-type", "application/json")
                    .end(new JsonObject()
                            .put("server", name)
                            .put("method", request.method().name())
                            .put("uri", request.uri())
                            .put("body", body.toString())
                            .put("headers", headers)
                            .toBuffer());
        });
    }

    @Override
    public void close() {
        Await.result(server.close());
    }
}
