package dev.penstock.standalone;

import dev.penstock.common.lifecycle.StartException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Start and stop are plain sequences of steps that wait; they run on virtual threads, never on an event loop. */
final class Blocking {
    private Blocking() {}

    /** Runs {@code work} on a thread of its own. */
    static <T> Future<T> run(String name, Callable<T> work) {
        Promise<T> promise = Promise.promise();
        Thread.ofVirtual().name(name).start(() -> {
            try {
                promise.complete(work.call());
            } catch (Throwable e) { // an Error, such as a missing class, must end the wait too
                promise.fail(e);
            }
        });
        return promise.future();
    }

    /**
     * Waits on the calling thread, without any event loop: it also works while Vert.x is going down.
     *
     * @throws StartException when {@code what} takes longer than {@code limit}
     */
    static <T extends @Nullable Object> T await(Future<T> future, Duration limit, String what) {
        CountDownLatch done = new CountDownLatch(1);
        future.onComplete(result -> done.countDown());
        try {
            if (!done.await(limit.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new StartException(what + " took longer than " + limit.toSeconds() + " s.");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartException("Interrupted while waiting: " + what + ".", e);
        }
        if (future.succeeded()) {
            return future.result();
        }
        throw future.cause() instanceof RuntimeException known
                ? known
                : new StartException(what + " failed (" + future.cause().getMessage() + ").", future.cause());
    }
}
