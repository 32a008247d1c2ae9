package dev.penstock.testkit;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Moves bytes from one socket to another, late or slowly or not at all, never holding more than a bounded
 * number of them: beyond it the source is paused, which TCP passes on to its sender. Event loop only.
 */
final class Pump {
    static final long UNLIMITED = -1;

    private static final int MOST_HELD = 256 * 1024;
    private static final int PIECE = 16 * 1024;

    private final Vertx vertx;
    private final NetSocket from;
    private final NetSocket to;
    private final AtomicLong passed;
    private final Runnable finished;
    private final Deque<Piece> held = new ArrayDeque<>();
    private Fault fault = Fault.PASS;
    private long heldBytes;
    private long lastDueNanos = System.nanoTime();
    private long allowance = UNLIMITED;
    private boolean sourceEnded;
    private boolean timerSet;
    private boolean over;

    Pump(Vertx vertx, NetSocket from, NetSocket to, AtomicLong passed, Runnable finished) {
        this.vertx = vertx;
        this.from = from;
        this.to = to;
        this.passed = passed;
        this.finished = finished;
    }

    void start() {
        from.handler(this::take);
        from.exceptionHandler(_ -> {});
        from.closeHandler(_ -> {
            sourceEnded = true;
            flush();
        });
        to.drainHandler(_ -> flush());
        from.resume();
        flush();
    }

    void behave(Fault next) {
        fault = next;
        flush();
    }

    void cutAfter(long bytes) {
        allowance = bytes;
        flush();
    }

    private void take(Buffer data) {
        for (int at = 0; at < data.length(); at += PIECE) {
            Buffer bytes = data.slice(at, Math.min(data.length(), at + PIECE));
            held.add(new Piece(bytes, due(bytes.length())));
            heldBytes += bytes.length();
        }
        flush();
    }

    private long due(int bytes) {
        long now = System.nanoTime();
        if (!(fault instanceof Fault.Slow(Duration delay, long bytesPerSecond))) {
            return now;
        }
        long sending = bytesPerSecond == Long.MAX_VALUE ? 0 : (long) (bytes * 1e9 / bytesPerSecond);
        long begin = Math.max(lastDueNanos, now + delay.toNanos());
        lastDueNanos = begin + sending;
        return lastDueNanos;
    }

    private void flush() {
        if (over || fault instanceof Fault.Stall) {
            from.pause();
            return;
        }
        while (!held.isEmpty() && !to.writeQueueFull() && allowance != 0 && isDue(held.element())) {
            send(held.remove());
        }
        if (allowance == 0 || (sourceEnded && held.isEmpty())) {
            over = true;
            // What was written arrives first: the close is queued behind it.
            finished.run();
            return;
        }
        if (heldBytes > MOST_HELD || to.writeQueueFull()) {
            from.pause();
        } else if (!sourceEnded) {
            from.resume();
        }
        wakeWhenDue();
    }

    private boolean isDue(Piece piece) {
        return !(fault instanceof Fault.Slow) || piece.dueNanos - System.nanoTime() <= 0;
    }

    private void send(Piece piece) {
        heldBytes -= piece.bytes.length();
        Buffer bytes = piece.bytes;
        if (allowance != UNLIMITED && bytes.length() >= allowance) {
            bytes = bytes.slice(0, (int) allowance);
        }
        if (allowance != UNLIMITED) {
            allowance -= bytes.length();
        }
        passed.addAndGet(bytes.length());
        to.write(bytes);
    }

    private void wakeWhenDue() {
        if (timerSet || held.isEmpty() || to.writeQueueFull()) {
            return;
        }
        timerSet = true;
        long millis = Math.max(1, (held.element().dueNanos - System.nanoTime() + 999_999) / 1_000_000);
        vertx.setTimer(millis, _ -> {
            timerSet = false;
            flush();
        });
    }

    private record Piece(Buffer bytes, long dueNanos) {}
}
