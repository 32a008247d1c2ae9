package dev.penstock.testkit;

import dev.penstock.common.time.Ticker;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;

/** Time that stands still until the test moves it: a ticker and a source of instants in one. Thread-safe. */
public final class ManualClock implements Ticker, InstantSource {
    private final Instant start;
    private final AtomicLong nanos = new AtomicLong();

    /** Begins at a fixed instant, so that a test reads the same on every day. */
    public ManualClock() {
        this(Instant.parse("2026-01-01T00:00:00Z"));
    }

    /** Begins at the instant; the ticker begins at 0. */
    public ManualClock(Instant start) {
        this.start = start;
    }

    @Override
    public long nanos() {
        return nanos.get();
    }

    @Override
    public Instant instant() {
        return start.plusNanos(nanos.get());
    }

    /** Moves both forward. */
    public ManualClock advance(Duration by) {
        nanos.addAndGet(by.toNanos());
        return this;
    }
}
