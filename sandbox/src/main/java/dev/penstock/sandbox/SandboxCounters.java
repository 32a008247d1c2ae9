package dev.penstock.sandbox;

import io.vertx.core.json.JsonObject;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** What the sandbox has been asked; written on its event loop, read from any thread. */
final class SandboxCounters {
    private final Map<Endpoint, AtomicLong> calls = new EnumMap<>(Endpoint.class);
    private final AtomicLong items = new AtomicLong();
    private final AtomicLong tokens = new AtomicLong();
    private final AtomicLong errors = new AtomicLong();
    private final AtomicLong stalled = new AtomicLong();
    private final AtomicLong cancelled = new AtomicLong();
    private final AtomicInteger inFlight = new AtomicInteger();
    private final AtomicInteger largestBatch = new AtomicInteger();
    private final AtomicInteger mostInFlight = new AtomicInteger();

    SandboxCounters() {
        for (Endpoint endpoint : Endpoint.values()) {
            calls.put(endpoint, new AtomicLong());
        }
    }

    void begun(Endpoint endpoint, int itemCount) {
        counter(endpoint).incrementAndGet();
        items.addAndGet(itemCount);
        largestBatch.accumulateAndGet(itemCount, Math::max);
        mostInFlight.accumulateAndGet(inFlight.incrementAndGet(), Math::max);
    }

    void ended(boolean byHangUp) {
        inFlight.decrementAndGet();
        if (byHangUp) {
            cancelled.incrementAndGet();
        }
    }

    void failed() {
        errors.incrementAndGet();
    }

    void stall() {
        stalled.incrementAndGet();
    }

    void generated(int count) {
        tokens.addAndGet(count);
    }

    long calls(Endpoint endpoint) {
        return counter(endpoint).get();
    }

    long items() {
        return items.get();
    }

    long cancelled() {
        return cancelled.get();
    }

    int inFlight() {
        return inFlight.get();
    }

    int largestBatch() {
        return largestBatch.get();
    }

    int mostInFlight() {
        return mostInFlight.get();
    }

    long tokens() {
        return tokens.get();
    }

    private AtomicLong counter(Endpoint endpoint) {
        AtomicLong counter = calls.get(endpoint);
        if (counter == null) {
            throw new IllegalStateException("no counter for " + endpoint);
        }
        return counter;
    }

    /** Sets all back to 0, except for the calls in flight, which are still there. */
    void reset() {
        calls.values().forEach(counter -> counter.set(0));
        for (AtomicLong counter : new AtomicLong[] {items, tokens, errors, stalled, cancelled}) {
            counter.set(0);
        }
        largestBatch.set(0);
        mostInFlight.set(inFlight.get());
    }

    JsonObject toJson() {
        JsonObject byEndpoint = new JsonObject();
        calls.forEach((endpoint, count) -> byEndpoint.put(endpoint.label(), count.get()));
        long total = calls.values().stream().mapToLong(AtomicLong::get).sum();
        return new JsonObject()
                .put("calls", total)
                .put("calls_by_endpoint", byEndpoint)
                .put("items", items.get())
                .put("tokens", tokens.get())
                .put("largest_batch", largestBatch.get())
                .put("in_flight", inFlight.get())
                .put("most_in_flight", mostInFlight.get())
                .put("cancelled", cancelled.get())
                .put("errors", errors.get())
                .put("stalled", stalled.get());
    }
}
