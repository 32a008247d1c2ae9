package dev.penstock.gateway.ops;

import dev.penstock.common.contract.AlertContract;
import dev.penstock.common.contract.AlertContract.ReadAlerts;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.service.ServiceContext;
import dev.penstock.gateway.auth.Principal;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Alerts: read, acknowledged and followed. */
final class AlertOperations {
    private static final int LISTED = 500;
    private static final int WRITE_QUEUE = 64 * 1024;

    private final ServiceContext services;
    private final AlertHub hub;
    private final AlertCommands commands;
    private final SocketQuota quota;

    AlertOperations(ServiceContext services, AlertHub hub, SocketQuota quota) {
        this.services = services;
        this.hub = hub;
        this.commands = new AlertCommands(services, hub);
        this.quota = quota;
    }

    void register(Map<Operations, OperationHandler> handlers) {
        handlers.put(Operations.ALERT_LIST, this::list);
        handlers.put(Operations.ALERT_ACKNOWLEDGE, this::acknowledge);
        handlers.put(Operations.ALERT_STREAM, this::stream);
        handlers.put(Operations.ALERT_EVENTS, this::events);
    }

    private Future<Answer> list(OpsCall call) {
        String state = call.query("state");
        if (state != null && !state.equals("active") && !state.equals("all")) {
            throw Fault.invalid("state", "'state' must be active or all.");
        }
        AlertFilter filter = filter(call);
        return services.bus()
                .callAny(AlertContract.LIST, new ReadAlerts("active".equals(state), LISTED), call.context())
                .map(alerts -> Answer.json(new JsonObject()
                        .put("lastEvent", Long.toString(alerts.lastEvent()))
                        .put(
                                "alerts",
                                MonitorJson.array(
                                        alerts.alerts().stream()
                                                .filter(alert -> AlertFilter.visible(call.principal(), alert)
                                                        && filter.matches(alert))
                                                .toList(),
                                        AlertJson::alert))));
    }

    private Future<Answer> acknowledge(OpsCall call) {
        return commands.acknowledge(call.principal(), call.pathParameter("id"), call.context())
                .map(reply -> Answer.json(AlertJson.alert(reply.alert())));
    }

    private Future<Answer> stream(OpsCall call) {
        AlertFilter filter = filter(call);
        OptionalLong since = since(call.query("since"));
        Principal principal = call.principal();
        return Sockets.upgrade(call.request(), quota, principal.keyId()).map(socket -> {
            socket.setWriteQueueMaxSize(WRITE_QUEUE);
            var session = new AlertSession(principal, new SocketOutlet(socket), filter, services.ticker());
            follow(session, since, socket);
            return Answer.taken();
        });
    }

    private void follow(AlertSession session, OptionalLong since, ServerWebSocket socket) {
        socket.textMessageHandler(text -> hub.run(() -> commands.receive(session, text)));
        socket.binaryMessageHandler(
                bytes -> hub.run(() -> session.error("invalid_request", "Messages are texts.", null)));
        socket.drainHandler(
                ready -> hub.run(() -> session.feed().flush(services.ticker().nanos())));
        socket.closeHandler(closed -> {
            quota.release(session.principal().keyId());
            gone(session);
        });
        begin(session, since);
    }

    private Future<Answer> events(OpsCall call) {
        AlertFilter filter = filter(call);
        HttpServerRequest request = call.request();
        String resumed = request.getHeader("last-event-id");
        OptionalLong since = since(resumed == null ? call.query("since") : resumed);
        Principal principal = call.principal();
        quota.take(principal.keyId());
        Context own = Objects.requireNonNull(Vertx.currentContext(), "requests are handled on a context");
        var outlet = new EventOutlet(request, own);
        request.response().setWriteQueueMaxSize(WRITE_QUEUE);
        outlet.begin();
        var session = new AlertSession(principal, outlet, filter, services.ticker());
        request.response()
                .drainHandler(ready ->
                        hub.run(() -> session.feed().flush(services.ticker().nanos())));
        request.response().closeHandler(closed -> {
            quota.release(principal.keyId());
            gone(session);
        });
        begin(session, since);
        return Future.succeededFuture(Answer.taken());
    }

    private void begin(AlertSession session, OptionalLong since) {
        hub.run(() -> {
            if (since.isPresent()) {
                hub.rejoin(session, since.getAsLong());
            } else {
                hub.join(session);
            }
        });
    }

    private void gone(AlertSession session) {
        hub.run(() -> {
            session.feed().close(Outlet.GOING_AWAY, "");
            hub.leave(session);
        });
    }

    private static AlertFilter filter(OpsCall call) {
        return AlertFilter.ofQuery(call.query("severity"), call.query("team"), call.query("service"));
    }

    private static OptionalLong since(@Nullable String text) {
        if (text == null || text.isEmpty()) {
            return OptionalLong.empty();
        }
        if (!text.matches("\\d{1,18}")) {
            throw Fault.invalid("since", "'since' must be the id of a message of this stream.");
        }
        return OptionalLong.of(Long.parseLong(text));
    }
}
