package dev.penstock.gateway.ops;

import io.vertx.core.http.ServerWebSocket;
import org.jspecify.annotations.Nullable;

/** A WebSocket. */
record SocketOutlet(ServerWebSocket socket) implements Outlet {
    @Override
    public void send(String json, @Nullable String id) {
        if (!socket.isClosed()) {
            socket.writeTextMessage(json);
        }
    }

    @Override
    public boolean full() {
        return socket.writeQueueFull();
    }

    @Override
    public void close(int code, String reason) {
        if (!socket.isClosed()) {
            socket.close((short) code, reason);
        }
    }
}
