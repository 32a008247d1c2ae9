package dev.penstock.testkit;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** The one way in which tests wait: for a condition or a future, never for time to pass. */
public final class Await {
    private static final long POLL_NANOS = 2_000_000;

    private Await() {}

    /**
     * Polls the condition until it holds.
     *
     * @throws AssertionError with the description if it does not hold within the deadline
     */
    public static void until(String description, Duration deadline, BooleanSupplier condition) {
        long end = System.nanoTime() + deadline.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("not within " + deadline + ": " + description);
            }
            if (Thread.currentThread().isInterrupted()) {
                throw new AssertionError("interrupted while waiting for: " + description);
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    /** {@link #until(String, Duration, BooleanSupplier)} within 10 s. */
    public static void until(String description, BooleanSupplier condition) {
        until(description, Duration.ofSeconds(10), condition);
    }

    /** The result of the future; blocks, so never on an event loop. */
    public static <T> T result(Future<T> future, Duration deadline) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(deadline.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw new AssertionError("failed: " + e.getCause(), e.getCause());
        } catch (TimeoutException e) {
            throw new AssertionError("no result within " + deadline, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** {@link #result(Future, Duration)} within 10 s. */
    public static <T> T result(Future<T> future) {
        return result(future, Duration.ofSeconds(10));
    }

    /** What the future failed with; it is an error of the test if it succeeds. */
    public static Throwable failure(Future<?> future) {
        until("the future completes", future::isComplete);
        Throwable cause = future.cause();
        if (cause == null) {
            throw new AssertionError("succeeded with " + future.result());
        }
        return cause;
    }
}
