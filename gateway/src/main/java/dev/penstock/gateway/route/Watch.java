package dev.penstock.gateway.route;

import dev.penstock.common.time.Deadline;
import dev.penstock.common.time.Ticker;
import io.vertx.core.Vertx;

/**
 * Ends a call in which nothing moves, with one timer that is set again only when it fires: progress costs one reading of
 * the clock. Confined to the call's event loop.
 */
final class Watch {
    private final Vertx vertx;
    private final Ticker ticker;
    private final Deadline deadline;
    private final Runnable expired;
    private long timer = -1;
    private long quietNanos;
    private long lastNanos;

    /** @param deadline of the whole call, whatever moves */
    Watch(Vertx vertx, Ticker ticker, Deadline deadline, Runnable expired) {
        this.vertx = vertx;
        this.ticker = ticker;
        this.deadline = deadline;
        this.expired = expired;
    }

    /** From now on silence may last that long. */
    void allow(long nanos) {
        quietNanos = nanos;
        moved();
        arm();
    }

    void moved() {
        lastNanos = ticker.nanos();
    }

    void stop() {
        if (timer >= 0) {
            vertx.cancelTimer(timer);
            timer = -1;
        }
    }

    private void arm() {
        stop();
        long now = ticker.nanos();
        long left = Math.min(quietNanos - (now - lastNanos), deadline.remainingNanos(now));
        timer = vertx.setTimer(Math.max(1, (left + 999_999) / 1_000_000), id -> {
            timer = -1;
            long at = ticker.nanos();
            if (at - lastNanos >= quietNanos || deadline.spent(at)) {
                expired.run();
            } else {
                arm();
            }
        });
    }
}
