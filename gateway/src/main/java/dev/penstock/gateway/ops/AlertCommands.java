package dev.penstock.gateway.ops;

import dev.penstock.common.bus.CallContext;
import dev.penstock.common.contract.AlertContract;
import dev.penstock.common.contract.AlertContract.Acknowledge;
import dev.penstock.common.contract.AlertContract.AlertReply;
import dev.penstock.common.contract.AlertContract.ReadAlerts;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.service.ServiceContext;
import dev.penstock.gateway.auth.AccessRole;
import dev.penstock.gateway.auth.Principal;
import io.vertx.core.Future;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.time.Duration;

/** What clients of the alert stream may say. Every wrong message is answered, none ends the stream. */
final class AlertCommands {
    private static final int MOST_CHARACTERS = 8_192;
    private static final int MOST_ACKNOWLEDGING = 16;
    private static final int MOST_LISTED = 5_000;
    private static final Duration BUDGET = Duration.ofSeconds(5);

    private final ServiceContext services;
    private final AlertHub hub;

    AlertCommands(ServiceContext services, AlertHub hub) {
        this.services = services;
        this.hub = hub;
    }

    /** One message; on the hub's context. */
    void receive(AlertSession session, String text) {
        if (text.length() > MOST_CHARACTERS) {
            session.error("too_large", "A message has at most " + MOST_CHARACTERS + " characters.", null);
            return;
        }
        try {
            JsonObject message = new JsonObject(text);
            switch (String.valueOf(message.getValue("type"))) {
                case "ack" -> acknowledge(session, message);
                case "filter" -> {
                    session.filter(AlertFilter.ofMessage(message));
                    hub.refresh(session);
                }
                default -> session.error("invalid_request", "'type' must be \"ack\" or \"filter\".", null);
            }
        } catch (DecodeException | ClassCastException e) {
            session.error("invalid_request", "The message is not a JSON object.", null);
        } catch (Fault fault) {
            session.error(code(fault), fault.reason(), null);
        }
    }

    private void acknowledge(AlertSession session, JsonObject message) {
        if (!(message.getValue("alert") instanceof String alert) || alert.isEmpty()) {
            session.error("invalid_request", "'alert' must be the id of an alert.", null);
            return;
        }
        if (!session.principal().role().covers(AccessRole.ANALYST)) {
            session.error("forbidden", "Acknowledging needs the role analyst.", alert);
            return;
        }
        if (!session.beginAcknowledge(MOST_ACKNOWLEDGING)) {
            session.error("rate_limited", "Too many acknowledgements are under way; wait for their answers.", alert);
            return;
        }
        CallContext call = CallContext.internal("alert-ack", services.ticker().nanos(), BUDGET);
        acknowledge(session.principal(), alert, call)
                .onComplete(result -> hub.run(() -> {
                    session.endAcknowledge();
                    if (result.failed()) {
                        Fault fault = Fault.from(result.cause());
                        session.error(code(fault), fault.reason(), alert);
                    }
                }));
    }

    /** Fails with {@code NOT_FOUND} where there is no such alert among those that the caller may see. */
    Future<AlertReply> acknowledge(Principal principal, String id, CallContext call) {
        var request = new Acknowledge(id, principal.name());
        if (principal.role().covers(AccessRole.ADMIN) || principal.team() == null) {
            return services.bus().callAny(AlertContract.ACKNOWLEDGE, request, call);
        }
        return services.bus()
                .callAny(AlertContract.LIST, new ReadAlerts(false, MOST_LISTED), call)
                .compose(listed -> {
                    boolean seen = listed.alerts().stream()
                            .anyMatch(alert -> alert.id().equals(id) && AlertFilter.visible(principal, alert));
                    return seen
                            ? services.bus().callAny(AlertContract.ACKNOWLEDGE, request, call)
                            : Future.failedFuture(
                                    Fault.of(FaultCode.NOT_FOUND, "There is no alert '" + id + "' of your team."));
                });
    }

    private static String code(Fault fault) {
        return Labels.of(fault.code()).replace('-', '_');
    }
}
