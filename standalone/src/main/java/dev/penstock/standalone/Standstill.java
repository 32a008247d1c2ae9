package dev.penstock.standalone;

import dev.penstock.common.time.Ticker;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;

/**
 * Ends a member of a cluster that stood still (stopped, paused, swapped out) for longer than the others wait before they
 * expel it. What it held has passed to others, and a member that comes back with the old view of the cluster, above all the
 * one that led it, makes healthy members suspect each other: it is restarted instead, and joins as a new one. That is as
 * safe as a kill, which every service survives.
 */
final class Standstill {
    /** The others expel a silent member after this (Hazelcast's heartbeat limit, see HazelcastSettings). */
    static final Duration EXPELLED_AFTER = Duration.ofSeconds(5);

    private static final long BEAT_NANOS = Duration.ofMillis(50).toNanos();

    private Standstill() {}

    /** Watches on a thread of its own for as long as the process lives; {@code end} is told the nanoseconds lost. */
    static void watch(Ticker ticker, LongConsumer end) {
        Thread.ofPlatform().daemon().name("standstill").start(() -> {
            long last = ticker.nanos();
            while (!Thread.currentThread().isInterrupted()) {
                LockSupport.parkNanos(BEAT_NANOS);
                long now = ticker.nanos();
                if (expelled(now - last)) {
                    end.accept(now - last);
                }
                last = now;
            }
        });
    }

    /** Whether a pause of so many nanoseconds was too long to stay a member. */
    static boolean expelled(long pauseNanos) {
        return pauseNanos > EXPELLED_AFTER.toNanos();
    }
}
