package dev.penstock.sandbox;

import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Supplier;

/**
 * Lets calls spend their service time, at most so many at once; the others wait in order of arrival. A slot
 * is held until the exchange ends, so that a stream holds it for its whole length. Event loop only.
 */
final class ServiceSlots {
    private final Vertx vertx;
    private final Supplier<Behaviour> behaviour;
    private final Deque<Waiting> queue = new ArrayDeque<>();
    private int busy;
    private boolean draining;

    ServiceSlots(Vertx vertx, Supplier<Behaviour> behaviour) {
        this.vertx = vertx;
        this.behaviour = behaviour;
    }

    /** Runs the work once a slot was free and the time has passed, unless the caller has gone meanwhile. */
    void serve(Exchange exchange, Duration time, Runnable work) {
        Behaviour now = behaviour.get();
        if (now.slots() == 0 || busy < now.slots()) {
            occupy(new Waiting(exchange, time, work));
        } else if (queue.size() >= now.queueLimit()) {
            exchange.fail(new WireFault(503, "overloaded", "The sandbox's queue is full."), now.retryAfterMs());
        } else {
            Waiting waiting = new Waiting(exchange, time, work);
            queue.add(waiting);
            exchange.atEnd(() -> queue.remove(waiting));
        }
    }

    private void occupy(Waiting next) {
        busy++;
        next.exchange.atEnd(this::release);
        long millis = (next.time.toNanos() + 500_000) / 1_000_000;
        if (millis == 0) {
            next.work.run();
            return;
        }
        long timer = vertx.setTimer(millis, _ -> {
            if (!next.exchange.over()) {
                next.work.run();
            }
        });
        next.exchange.atEnd(() -> vertx.cancelTimer(timer));
    }

    /** Not re-entered: calls without service time end inside of {@code occupy}, and would nest as deep as the queue. */
    private void release() {
        busy--;
        if (draining) {
            return;
        }
        draining = true;
        int slots = behaviour.get().slots();
        while ((slots == 0 || busy < slots) && !queue.isEmpty()) {
            Waiting next = queue.remove();
            if (!next.exchange.over()) {
                occupy(next);
            }
        }
        draining = false;
    }

    private record Waiting(Exchange exchange, Duration time, Runnable work) {}
}
