package dev.penstock.gateway.ops;

import dev.penstock.common.contract.AlertContract;
import dev.penstock.common.contract.AlertContract.Alert;
import dev.penstock.common.contract.AlertContract.AlertReply;
import dev.penstock.common.contract.AlertContract.Alerts;
import dev.penstock.common.contract.AlertContract.Event;
import dev.penstock.common.contract.AlertContract.EventKind;
import dev.penstock.common.contract.AlertContract.Events;
import dev.penstock.common.contract.AlertContract.Severity;
import dev.penstock.common.contract.AlertContract.State;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.service.Role;
import dev.penstock.testkit.Await;
import dev.penstock.testkit.ServiceHarness;
import io.vertx.core.Future;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** An alert-service that keeps its log in memory. */
final class FakeAlerts {
    private final ServiceHarness harness;
    private final List<Event> log = new ArrayList<>();
    private long forgotten;

    FakeAlerts(ServiceHarness harness) {
        this.harness = harness;
        var bus = harness.bus();
        Await.result(bus.serve(AlertContract.LIST, (request, call) -> Future.succeededFuture(list())));
        Await.result(bus.serve(
                AlertContract.EVENTS_SINCE,
                (request, call) -> Future.succeededFuture(since(request.since(), request.limit()))));
        Await.result(bus.serve(AlertContract.ACKNOWLEDGE, (request, call) -> acknowledge(request.alert())));
        harness.context().membership().announce(Role.ALERT);
    }

    static Alert alert(String id, Severity severity, String team, String description) {
        Instant at = Instant.parse("2026-01-01T00:00:00Z");
        return new Alert(
                id,
                "f" + id,
                "HighErrorRate",
                severity,
                State.FIRING,
                "gateway",
                team,
                "summary",
                description,
                "fix it",
                at,
                at,
                null,
                Map.of("name", "HighErrorRate"),
                0.5,
                0.1,
                null);
    }

    /** Adds an event and tells it. */
    long fire(Alert alert) {
        Event event = log(alert);
        tell(event);
        return event.id();
    }

    /** Adds an event that nobody is told. */
    synchronized Event log(Alert alert) {
        Event event = new Event(log.size() + 1, EventKind.FIRING, alert, Instant.parse("2026-01-01T00:00:00Z"));
        log.add(event);
        return event;
    }

    void tell(Event event) {
        harness.bus().publish(AlertContract.EVENTS, event, harness.call());
    }

    /** From now on the log begins after that event. */
    synchronized void forget(long upTo) {
        forgotten = upTo;
    }

    private synchronized Alerts list() {
        return new Alerts(log.stream().map(Event::alert).distinct().toList(), log.size());
    }

    private synchronized Events since(long since, int limit) {
        if (since < forgotten) {
            return new Events(List.of(), false);
        }
        return new Events(
                log.stream().filter(event -> event.id() > since).limit(limit).toList(), true);
    }

    private Future<AlertReply> acknowledge(String id) {
        return list().alerts().stream()
                .filter(alert -> alert.id().equals(id))
                .findFirst()
                .map(alert -> Future.succeededFuture(new AlertReply(alert)))
                .orElseGet(() -> Future.failedFuture(Fault.of(FaultCode.NOT_FOUND, "No such alert.")));
    }
}
