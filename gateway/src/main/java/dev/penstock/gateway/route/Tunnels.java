package dev.penstock.gateway.route;

import dev.penstock.common.telemetry.Telemetry;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The WebSockets that pass through this gateway now. Safe for many event loops; bounded by the server's connections. */
final class Tunnels {
    private final Set<Tunnel> open = ConcurrentHashMap.newKeySet();
    private volatile boolean draining;

    Tunnels(Telemetry telemetry) {
        telemetry.gauge("penstock_route_sockets_open", "WebSockets that are passed through.", open::size);
    }

    void opened(Tunnel tunnel) {
        open.add(tunnel);
        if (draining) {
            tunnel.goAway();
        }
    }

    void closed(Tunnel tunnel) {
        open.remove(tunnel);
    }

    /** Tells both ends of every socket to go elsewhere; complete when all are closed. */
    Future<Void> drain() {
        draining = true;
        List<Future<Void>> ends = new ArrayList<>();
        for (Tunnel tunnel : open) {
            Promise<Void> end = Promise.promise();
            tunnel.onEnd(end::tryComplete);
            tunnel.goAway();
            ends.add(end.future());
        }
        return Future.join(ends).mapEmpty();
    }
}
