package dev.penstock.testkit;

import java.time.Duration;

/** What a {@link FaultProxy} does to connections. */
public sealed interface Fault {
    /** Everything passes. */
    Fault PASS = new Pass();

    /** New connections are refused, existing ones are closed. */
    Fault CUT = new Cut();

    /** Connections are accepted, nothing passes in either direction, nothing is closed. */
    Fault STALL = new Stall();

    /** Existing and new connections are reset (RST). */
    Fault RESET = new Reset();

    /** Every piece arrives later by the delay; the bandwidth stays. */
    static Fault slow(Duration delay) {
        return new Slow(delay, Long.MAX_VALUE);
    }

    /** Each connection passes so many bytes a second in each direction. */
    static Fault bandwidth(long bytesPerSecond) {
        return new Slow(Duration.ZERO, bytesPerSecond);
    }

    /** See {@link #PASS}. */
    record Pass() implements Fault {}

    /** See {@link #CUT}. */
    record Cut() implements Fault {}

    /** See {@link #STALL}. */
    record Stall() implements Fault {}

    /** See {@link #RESET}. */
    record Reset() implements Fault {}

    /**
     * See {@link #slow} and {@link #bandwidth}.
     *
     * @param delay added to every piece
     * @param bytesPerSecond at least 1
     */
    record Slow(Duration delay, long bytesPerSecond) implements Fault {
        /** Checks the range. */
        public Slow {
            if (bytesPerSecond < 1 || delay.isNegative()) {
                throw new IllegalArgumentException("delay " + delay + ", bytes per second " + bytesPerSecond);
            }
        }
    }
}
