package dev.penstock.gateway.ops;

import dev.penstock.gateway.auth.Principal;
import io.vertx.core.Future;
import java.util.Map;

/** The stream that feeds dashboards. */
final class MonitorOperations {
    private final MonitorHub hub;
    private final SocketQuota quota;

    MonitorOperations(MonitorHub hub, SocketQuota quota) {
        this.hub = hub;
        this.quota = quota;
    }

    void register(Map<Operations, OperationHandler> handlers) {
        handlers.put(Operations.MONITOR_STREAM, this::stream);
    }

    private Future<Answer> stream(OpsCall call) {
        Principal principal = call.principal();
        String keyId = principal.keyId();
        return Sockets.upgrade(call.request(), quota, keyId).map(socket -> {
            var feed = new Feed(new SocketOutlet(socket));
            socket.closeHandler(closed -> {
                quota.release(keyId);
                hub.run(() -> {
                    feed.close(Outlet.GOING_AWAY, "");
                    hub.leave(feed);
                });
            });
            hub.run(() -> hub.join(feed, principal));
            return Answer.taken();
        });
    }
}
