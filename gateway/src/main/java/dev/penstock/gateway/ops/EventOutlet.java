package dev.penstock.gateway.ops;

import io.vertx.core.Context;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import org.jspecify.annotations.Nullable;

/** Server-sent events. Written on the request's own context, as its response asks for. */
record EventOutlet(HttpServerRequest request, Context context) implements Outlet {
    /** Sends the head, after which nothing can fail with a status any more. */
    void begin() {
        HttpServerResponse response = request.response();
        response.setChunked(true)
                .putHeader("content-type", "text/event-stream")
                .putHeader("x-accel-buffering", "no")
                .write("retry: 1000\n\n");
    }

    @Override
    public void send(String json, @Nullable String id) {
        String text = (id == null ? "" : "id: " + id + "\n") + "data: " + json + "\n\n";
        context.runOnContext(ignored -> {
            if (!request.response().closed()) {
                request.response().write(text);
            }
        });
    }

    @Override
    public boolean full() {
        HttpServerResponse response = request.response();
        try {
            return !response.closed() && response.writeQueueFull();
        } catch (IllegalStateException e) {
            // Closed between the look and the question: nothing is waited for any more.
            return false;
        }
    }

    /** There are no codes here: the client comes back by itself, from its last id. */
    @Override
    public void close(int code, String reason) {
        context.runOnContext(ignored -> {
            if (!request.response().closed()) {
                request.connection().close();
            }
        });
    }
}
