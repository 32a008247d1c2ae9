package dev.penstock.alert;

import dev.penstock.alert.policy.AlertBook;
import dev.penstock.alert.policy.AlertBook.Step;
import dev.penstock.alert.policy.Fingerprint;
import dev.penstock.alert.policy.Tracked;
import dev.penstock.alert.store.AlertRecord;
import dev.penstock.alert.store.DurableAlerts;
import dev.penstock.common.bus.CallContext;
import dev.penstock.common.contract.Ack;
import dev.penstock.common.contract.AlertContract;
import dev.penstock.common.contract.AlertContract.Acknowledge;
import dev.penstock.common.contract.AlertContract.Alert;
import dev.penstock.common.contract.AlertContract.AlertReply;
import dev.penstock.common.contract.AlertContract.Alerts;
import dev.penstock.common.contract.AlertContract.Condition;
import dev.penstock.common.contract.AlertContract.Event;
import dev.penstock.common.contract.AlertContract.Events;
import dev.penstock.common.contract.AlertContract.ReadAlerts;
import dev.penstock.common.contract.AlertContract.ReadEvents;
import dev.penstock.common.contract.AlertContract.State;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.service.Role;
import dev.penstock.common.service.ServiceContext;
import dev.penstock.common.telemetry.Telemetry;
import io.vertx.core.Context;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes steps one after the other: work out, store, count, tell. Belongs to one event loop.
 */
final class AlertDesk {
    private static final Logger log = LoggerFactory.getLogger(AlertDesk.class);
    private static final int RESOLVED_KEPT = 1_000;
    private static final int EVENTS_KEPT = 10_000;
    private static final int MAX_WAITING = 10_000;
    private static final int MAX_LIST = 1_000;
    private static final long TICK_MILLIS = 500;
    private static final long PURGE_MILLIS = Duration.ofHours(1).toMillis();
    private static final Duration OWN_BUDGET = Duration.ofSeconds(5);

    private final ServiceContext services;
    private final AlertBook book;
    private final DurableAlerts durable;
    private final InstantSource clock = InstantSource.system();
    private final Telemetry.Counter refused;
    private Future<Void> tail = Future.succeededFuture();
    private int waiting;
    private boolean restored;
    private boolean restoring;
    private boolean owning;
    private boolean complained;
    /** For the gauge, which is read on other threads. */
    private volatile int open;

    AlertDesk(ServiceContext services, AlertBook book, DurableAlerts durable) {
        this.services = services;
        this.book = book;
        this.durable = durable;
        this.refused = services.telemetry()
                .counter(
                        "penstock_alert_conditions_refused_total",
                        "Conditions that could not be kept; their senders repeat them");
        services.telemetry().gauge("penstock_alerts_open", "Alerts that are not resolved", () -> open);
    }

    /** Reads what is stored, if anything can be read yet, and starts the clock. */
    Future<Void> open() {
        services.vertx().setPeriodic(TICK_MILLIS, id -> tick());
        services.vertx().setPeriodic(PURGE_MILLIS, id -> purge());
        Context here = services.vertx().getOrCreateContext();
        services.membership().onLeave(gone -> here.runOnContext(v -> restored = false));
        return durable.readSpool()
                .onSuccess(records -> remember(
                        records.stream()
                                .map(AlertRecord::tracked)
                                .flatMap(tracked -> Optional.ofNullable(tracked).stream())
                                .toList(),
                        records.stream()
                                .map(AlertRecord::event)
                                .flatMap(event -> Optional.ofNullable(event).stream())
                                .toList()))
                .compose(read -> inTurn(this::readStored))
                .recover(e -> {
                    log.warn("starting without the stored alerts: {}", e.toString());
                    return Future.succeededFuture();
                });
    }

    Future<Ack> observe(Condition condition, CallContext call) {
        return owner()
                ? observeHere(condition, call)
                : services.bus().callOwner(AlertContract.OBSERVE_HERE, AlertService.SEQUENCER, condition, call);
    }

    Future<AlertReply> acknowledge(Acknowledge request, CallContext call) {
        return owner()
                ? acknowledgeHere(request, call)
                : services.bus().callOwner(AlertContract.ACKNOWLEDGE_HERE, AlertService.SEQUENCER, request, call);
    }

    Future<Ack> observeHere(Condition condition, CallContext call) {
        return ownTurn(() -> observeNow(condition, call));
    }

    Future<AlertReply> acknowledgeHere(Acknowledge request, CallContext call) {
        return ownTurn(() -> acknowledgeNow(request, call));
    }

    Future<Alerts> list(ReadAlerts request, CallContext call) {
        int limit = Math.clamp(request.limit(), 1, MAX_LIST);
        return Future.succeededFuture(new Alerts(book.alerts(request.activeOnly(), limit), book.lastEvent()));
    }

    Future<Events> eventsSince(ReadEvents request, CallContext call) {
        int limit = Math.clamp(request.limit(), 1, EVENTS_KEPT);
        return Future.succeededFuture(book.eventsSince(request.since(), limit)
                .map(events -> new Events(events, true))
                .orElseGet(() -> new Events(List.of(), false)));
    }

    /** Follows the sequencer; asks the store where it missed something. */
    void heard(Event event) {
        if (!owner() && !book.heard(event)) {
            restored = false;
        }
    }

    /** Completed when every step that waits now is done. */
    Future<Void> idle() {
        return tail.otherwiseEmpty();
    }

    private boolean owner() {
        return services.membership()
                .owner(Role.ALERT, AlertService.SEQUENCER)
                .map(member -> member.equals(services.membership().self()))
                .orElse(true);
    }

    private Future<Ack> observeNow(Condition condition, CallContext call) {
        if (!book.tracks(Fingerprint.of(condition.name(), condition.labels())) && book.full()) {
            refused.increment();
            return Future.failedFuture(Fault.of(FaultCode.OVERLOADED, "Too many alerts are open; resolve some."));
        }
        return take(book.observe(condition, clock.instant()), call).map(Ack.OK);
    }

    private Future<AlertReply> acknowledgeNow(Acknowledge request, CallContext call) {
        Step step =
                book.acknowledge(request.alert(), request.by(), clock.instant()).orElse(null);
        if (step == null) {
            return Future.failedFuture(
                    Fault.of(FaultCode.NOT_FOUND, "No open alert has the id " + request.alert() + "."));
        }
        Tracked next = step.next();
        if (next == null || (step.event() == null && next.alert().state() != State.ACKNOWLEDGED)) {
            return Future.failedFuture(Fault.of(FaultCode.CONFLICT, "Only a firing alert can be acknowledged."));
        }
        return take(step, call).map(done -> new AlertReply(next.alert()));
    }

    private void tick() {
        if ((!restored || durable.spooled()) && durable.postgresAvailable()) {
            restore();
        }
        open = book.openCount();
        Instant now = clock.instant();
        boolean before = owning;
        owning = owner();
        if (!owning) {
            return;
        }
        if (!before) {
            book.expectNews(now);
        }
        for (String fingerprint : book.due(now)) {
            CallContext call =
                    CallContext.internal("alert-tick", services.ticker().nanos(), OWN_BUDGET);
            inTurn(() -> book.tick(fingerprint, clock.instant())
                            .map(step -> take(step, call))
                            .orElseGet(Future::succeededFuture))
                    .onFailure(e -> log.warn("an alert could not be moved on, it is tried again: {}", e.toString()));
        }
    }

    private void purge() {
        if (owner() && durable.postgresAvailable()) {
            durable.purge(clock.instant().minus(services.config().alerts().eventLog()), RESOLVED_KEPT)
                    .onFailure(e -> log.warn("old alerts could not be deleted: {}", e.toString()));
        }
    }

    /** Stores a step, then lets it count, then tells. */
    private Future<Void> take(Step step, CallContext call) {
        if (!step.durable()) {
            book.apply(step);
            return Future.succeededFuture();
        }
        String dropped = step.next() == null ? droppedId(step.fingerprint()) : null;
        return durable.save(new AlertRecord(step.next(), dropped, step.event())).onSuccess(stored -> {
            book.apply(step);
            if (step.event() != null) {
                tell(step.event(), call);
            }
        });
    }

    private @Nullable String droppedId(String fingerprint) {
        return book.open().stream()
                .map(Tracked::alert)
                .filter(alert -> alert.fingerprint().equals(fingerprint))
                .map(Alert::id)
                .findFirst()
                .orElse(null);
    }

    private void tell(Event event, CallContext call) {
        Alert alert = event.alert();
        log.atWarn()
                .addKeyValue("alert", alert.id())
                .addKeyValue("event", event.kind())
                .addKeyValue("severity", alert.severity())
                .log("alert {} {}: {}", alert.name(), event.kind(), alert.summary());
        services.bus().publish(AlertContract.EVENTS, event, call);
    }

    private void restore() {
        if (!restoring) {
            restoring = true;
            inTurn(this::readStored).onComplete(done -> restoring = false);
        }
    }

    /** Never fails: what cannot be read now is tried again by the clock. */
    private Future<Void> readStored() {
        if (!durable.postgresAvailable()) {
            return Future.succeededFuture();
        }
        return durable.replay()
                .compose(replayed -> durable.restore(RESOLVED_KEPT, EVENTS_KEPT))
                .onSuccess(stored -> {
                    remember(stored.alerts(), stored.events());
                    restored = true;
                    complained = false;
                })
                .onFailure(this::complain)
                .<Void>mapEmpty()
                .otherwiseEmpty();
    }

    /** Once, and not each half second, while it lasts. */
    private void complain(Throwable cause) {
        if (!complained) {
            complained = true;
            log.warn("the stored alerts could not be read, it is tried again: {}", cause.toString());
        }
    }

    private void remember(List<Tracked> alerts, List<Event> events) {
        book.restore(alerts, events);
        book.expectNews(clock.instant());
    }

    /** A change that only the owner may make, after it has read what the owner before it stored. */
    private <T> Future<T> ownTurn(Supplier<Future<T>> work) {
        if (!owner()) {
            // Two members that do not agree yet on who owns must not send it to and fro.
            return Future.failedFuture(Fault.retryLater(
                    FaultCode.UNAVAILABLE, "Another member is taking over the alerts.", Duration.ofSeconds(1)));
        }
        return inTurn(() -> restored ? work.get() : readStored().compose(read -> work.get()));
    }

    private <T> Future<T> inTurn(Supplier<Future<T>> work) {
        if (waiting >= MAX_WAITING) {
            refused.increment();
            return Future.failedFuture(Fault.retryLater(
                    FaultCode.OVERLOADED, "Too many alert changes wait to be stored.", Duration.ofSeconds(1)));
        }
        waiting++;
        Future<T> result = tail.transform(before -> work.get());
        tail = result.transform(done -> {
            waiting--;
            return Future.succeededFuture();
        });
        return result;
    }
}
