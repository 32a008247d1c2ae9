package dev.penstock.common.lifecycle;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What must be undone at shutdown: named, last in first out, each with a bound. A step that fails or takes too long is
 * logged and the rest goes on. Used by one thread.
 */
public final class Cleanups {
    private static final Logger log = LoggerFactory.getLogger(Cleanups.class);

    private record Step(String name, Duration limit, Supplier<Future<?>> work) {}

    private final Deque<Step> steps = new ArrayDeque<>();

    /** Adds a step that runs before all that were added earlier. */
    public void add(String name, Duration limit, Supplier<Future<?>> work) {
        steps.push(new Step(name, limit, work));
    }

    /** Runs every step once; always succeeds. */
    public Future<Void> run(Vertx vertx) {
        Step step = steps.poll();
        if (step == null) {
            return Future.succeededFuture();
        }
        long started = System.nanoTime();
        return attempt(step)
                .timeout(Math.max(1, step.limit().toMillis()), TimeUnit.MILLISECONDS)
                .transform(result -> {
                    long millis = (System.nanoTime() - started) / 1_000_000;
                    if (result.failed()) {
                        log.warn(
                                "shutdown: {} failed after {} ms: {}",
                                step.name(),
                                millis,
                                String.valueOf(result.cause()));
                    } else {
                        log.info("shutdown: {} done in {} ms", step.name(), millis);
                    }
                    return run(vertx);
                });
    }

    private static Future<?> attempt(Step step) {
        try {
            return step.work().get();
        } catch (RuntimeException e) {
            return Future.failedFuture(e);
        }
    }
}
