package dev.penstock.gateway.ops;

import dev.penstock.common.bus.CallContext;
import dev.penstock.common.contract.AlertContract;
import dev.penstock.common.contract.AlertContract.Alerts;
import dev.penstock.common.contract.AlertContract.Event;
import dev.penstock.common.contract.AlertContract.Events;
import dev.penstock.common.contract.AlertContract.ReadAlerts;
import dev.penstock.common.contract.AlertContract.ReadEvents;
import dev.penstock.common.service.ServiceContext;
import dev.penstock.gateway.auth.Principal;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Follows the alert log and passes it on to the clients of this process, in order and without holes: ids are dense, so a
 * hole is seen by the next id or by asking every few seconds, and is filled from the log before anything later is passed
 * on. All state is on one context.
 */
final class AlertHub {
    private static final Duration CALL_BUDGET = Duration.ofSeconds(3);
    private static final Duration CATCH_UP_EVERY = Duration.ofSeconds(3);
    private static final Duration HEARTBEAT = Duration.ofSeconds(15);
    private static final Duration FLUSH_EVERY = Duration.ofMillis(200);
    private static final int PAGE = 1_000;
    private static final int SNAPSHOT = 500;
    private static final long UNKNOWN = -1;

    private final ServiceContext services;
    private final Predicate<Principal> stillIn;
    private final Context context;
    private final Set<AlertSession> sessions = new LinkedHashSet<>();
    private final List<Long> timers = new ArrayList<>();
    /** The last event that was passed on; unknown while nobody listens. */
    private long last = UNKNOWN;

    private boolean catchingUp;
    /** Something came while the log was read: read once more. */
    private boolean moreToRead;

    AlertHub(ServiceContext services, Predicate<Principal> stillIn) {
        this.services = services;
        this.stillIn = stillIn;
        this.context = services.vertx().getOrCreateContext();
    }

    Future<Void> start() {
        run(() -> {
            every(CATCH_UP_EVERY, this::catchUp);
            every(HEARTBEAT, this::heartbeat);
            every(FLUSH_EVERY, this::flush);
        });
        return services.bus().subscribe(AlertContract.EVENTS, event -> run(() -> arrived(event)));
    }

    void stop() {
        run(() -> {
            timers.forEach(services.vertx()::cancelTimer);
            List.copyOf(sessions).forEach(session -> session.feed().close(Outlet.GOING_AWAY, "this gateway stops"));
            sessions.clear();
        });
    }

    /** Runs something where the sessions live. */
    void run(Runnable work) {
        context.runOnContext(ignored -> work.run());
    }

    /** Brings a new client up to date and keeps it so. On the hub's context. */
    void join(AlertSession session) {
        snapshot(session).onComplete(result -> run(() -> joined(session, result.succeeded())));
    }

    /** As {@link #join}, but after an event that the client already has. */
    void rejoin(AlertSession session, long since) {
        session.resume(since);
        replay(session).onComplete(result -> run(() -> joined(session, result.succeeded())));
    }

    /** A client that has gone. */
    void leave(AlertSession session) {
        sessions.remove(session);
        if (sessions.isEmpty()) {
            last = UNKNOWN;
        }
    }

    /** Sends the present state again, as after a new filter. */
    void refresh(AlertSession session) {
        long before = session.cursor();
        snapshot(session).onFailure(cause -> {
            session.resume(before);
            session.error("unavailable", "Alerts cannot be read at the moment; the stream goes on.", null);
        });
    }

    private void joined(AlertSession session, boolean succeeded) {
        if (session.feed().closed()) {
            return;
        }
        if (!succeeded) {
            // It begins where the log is when alert-service is back: nothing is shown as if it were known.
            session.error("unavailable", "Alerts cannot be read at the moment; trying again.", null);
            services.vertx()
                    .setTimer(
                            CATCH_UP_EVERY.toMillis(),
                            id -> run(() -> {
                                if (!session.feed().closed()) {
                                    retry(session);
                                }
                            }));
            return;
        }
        if (last == UNKNOWN || sessions.isEmpty()) {
            last = session.cursor();
        }
        sessions.add(session);
        // What happened since it was read, and what it lacks where the others are ahead.
        last = Math.min(last, session.cursor());
        moreToRead = true;
        catchUp();
    }

    private void retry(AlertSession session) {
        if (session.cursor() > 0) {
            rejoin(session, session.cursor());
        } else {
            join(session);
        }
    }

    private Future<Void> snapshot(AlertSession session) {
        return list().map(alerts -> {
            session.snapshot(alerts);
            return null;
        });
    }

    /** Sends what was missed, page by page; where the log does not go back so far, a gap and a snapshot. */
    private Future<Void> replay(AlertSession session) {
        return since(session.cursor()).compose(page -> {
            if (!page.complete()) {
                return gap(session);
            }
            page.events().forEach(event -> session.event(event, AlertJson.event(event)));
            if (page.events().size() >= PAGE && !session.feed().closed()) {
                return replay(session);
            }
            return page.events().isEmpty() ? verify(session) : Future.succeededFuture();
        });
    }

    /** An id that the log has not reached yet belongs to another log: waiting for it would hide everything before. */
    private Future<Void> verify(AlertSession session) {
        return list().map(alerts -> {
            if (alerts.lastEvent() < session.cursor()) {
                session.gap(session.cursor() + 1);
                session.snapshot(alerts);
            }
            return null;
        });
    }

    private Future<Void> gap(AlertSession session) {
        return list().map(alerts -> {
            session.gap(alerts.lastEvent());
            session.snapshot(alerts);
            return null;
        });
    }

    private void arrived(Event event) {
        if (sessions.isEmpty() || event.id() <= last) {
            return;
        }
        if (event.id() == last + 1 && !catchingUp) {
            deliver(event);
        } else {
            moreToRead = true;
            catchUp();
        }
    }

    private void deliver(Event event) {
        last = Math.max(last, event.id());
        String encoded = AlertJson.event(event);
        sessions.forEach(session -> session.event(event, encoded));
    }

    private void catchUp() {
        if (catchingUp || sessions.isEmpty()) {
            return;
        }
        catchingUp = true;
        moreToRead = false;
        since(last)
                .compose(this::take)
                .onComplete(result -> run(() -> {
                    catchingUp = false;
                    if (result.succeeded() && (result.result() || moreToRead)) {
                        catchUp();
                    }
                }));
    }

    /** Passes a page on; true where there may be more. */
    private Future<Boolean> take(Events page) {
        if (page.complete()) {
            page.events().forEach(this::deliver);
            return Future.succeededFuture(!page.events().isEmpty());
        }
        return list().map(alerts -> {
            sessions.forEach(session -> {
                session.gap(alerts.lastEvent());
                session.snapshot(alerts);
            });
            last = alerts.lastEvent();
            return true;
        });
    }

    private Future<Alerts> list() {
        return onContext(services.bus().callAny(AlertContract.LIST, new ReadAlerts(true, SNAPSHOT), call()));
    }

    private Future<Events> since(long id) {
        return onContext(services.bus().callAny(AlertContract.EVENTS_SINCE, new ReadEvents(id, PAGE), call()));
    }

    private <T> Future<T> onContext(Future<T> reply) {
        Promise<T> moved = Promise.promise();
        reply.onComplete(result -> run(() -> moved.handle(result)));
        return moved.future();
    }

    private CallContext call() {
        return CallContext.internal("alert-stream", services.ticker().nanos(), CALL_BUDGET);
    }

    private void heartbeat() {
        for (AlertSession session : List.copyOf(sessions)) {
            if (stillIn.test(session.principal())) {
                session.send(AlertJson.heartbeat());
            } else {
                session.feed().close(Outlet.SIGNED_OUT, "the key has ended");
            }
        }
    }

    private void flush() {
        long now = services.ticker().nanos();
        sessions.forEach(session -> session.feed().flush(now));
    }

    private void every(Duration period, Runnable work) {
        timers.add(services.vertx().setPeriodic(period.toMillis(), id -> run(work)));
    }
}
