package dev.penstock.gateway.ops;

import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.gateway.auth.Subprotocols;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.ServerWebSocket;

/** Turns requests into sockets. */
final class Sockets {
    private Sockets() {}

    /**
     * Upgrades, after everything that can be refused with a status was checked.
     *
     * @return the socket, whose place in the quota its close handler must give back
     */
    static Future<ServerWebSocket> upgrade(HttpServerRequest request, SocketQuota quota, String keyId) {
        if (!request.canUpgradeToWebSocket()) {
            throw Fault.of(FaultCode.INVALID_REQUEST, "This is a WebSocket: connect with ws:// or wss://.");
        }
        quota.take(keyId);
        Subprotocols.settle(request.headers());
        return request.toWebSocket().onFailure(cause -> quota.release(keyId));
    }
}
