package dev.penstock.gateway.ops;

import java.time.Duration;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * What waits for one client. A client that takes nothing for too long, or falls too far behind, is cut off, so that it
 * costs neither memory nor the others' time. Used on one context.
 */
final class Feed {
    private static final int MOST_MESSAGES = 256;
    private static final int MOST_CHARACTERS = 4 << 20;
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private record Message(String json, @Nullable String id) {}

    private final Outlet outlet;
    private final ArrayDeque<Message> backlog = new ArrayDeque<>();
    private long characters;
    private long fullSinceNanos;
    private boolean full;
    private boolean closed;

    Feed(Outlet outlet) {
        this.outlet = outlet;
    }

    /** Sends now or as soon as the client takes more. */
    void offer(String json, @Nullable String id, long nowNanos) {
        if (closed) {
            return;
        }
        flush(nowNanos);
        if (backlog.isEmpty() && !outlet.full()) {
            outlet.send(json, id);
            return;
        }
        backlog.add(new Message(json, id));
        characters += json.length();
        if (backlog.size() > MOST_MESSAGES || characters > MOST_CHARACTERS) {
            close(Outlet.TOO_SLOW, "too slow: too much is waiting");
        }
    }

    /** Sends now or not at all: for what the next message makes obsolete. */
    void offerLatest(String json, long nowNanos) {
        flush(nowNanos);
        if (!closed && backlog.isEmpty() && !outlet.full()) {
            outlet.send(json, null);
        }
    }

    /** Sends what waits, as far as the client takes it; ends a client that takes nothing for too long. */
    void flush(long nowNanos) {
        while (!closed && !outlet.full() && !backlog.isEmpty()) {
            Message next = backlog.remove();
            characters -= next.json().length();
            outlet.send(next.json(), next.id());
        }
        boolean stuck = outlet.full();
        if (stuck && !full) {
            fullSinceNanos = nowNanos;
        }
        full = stuck;
        if (!closed && full && nowNanos - fullSinceNanos > PATIENCE.toNanos()) {
            close(Outlet.TOO_SLOW, "too slow: nothing is taken");
        }
    }

    void close(int code, String reason) {
        closed = true;
        backlog.clear();
        characters = 0;
        outlet.close(code, reason);
    }

    boolean closed() {
        return closed;
    }
}
