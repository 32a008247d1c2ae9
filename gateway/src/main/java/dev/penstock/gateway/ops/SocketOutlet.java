package dev.penstock.gateway.ops;

import io.vertx.core.Future;
import io.vertx.core.http.ServerWebSocket;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A WebSocket. */
record SocketOutlet(ServerWebSocket socket) implements Outlet {
    private static final Logger log = LoggerFactory.getLogger(SocketOutlet.class);

    @Override
    public void send(String json, @Nullable String id) {
        unlessClosed(() -> socket.writeTextMessage(json));
    }

    @Override
    public boolean full() {
        try {
            return !socket.isClosed() && socket.writeQueueFull();
        } catch (IllegalStateException e) {
            return false;
        }
    }

    @Override
    public void close(int code, String reason) {
        unlessClosed(() -> socket.close((short) code, reason));
    }

    /** The client may close between a look and an action: then there is nothing left to do. */
    private void unlessClosed(Supplier<Future<Void>> action) {
        if (socket.isClosed()) {
            return;
        }
        try {
            action.get().onFailure(cause -> log.debug("a socket is gone: {}", String.valueOf(cause)));
        } catch (IllegalStateException e) {
            log.debug("a socket is gone: {}", String.valueOf(e));
        }
    }
}
