package dev.penstock.cache;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;

/**
 * The one event loop on which a cache member works, so that its tables need no locks. What others complete or call
 * elsewhere is brought back here.
 */
final class Loop {
    private final ContextInternal context;

    Loop(Context context) {
        this.context = (ContextInternal) context;
    }

    /** Runs {@code work} here, later. */
    void run(Runnable work) {
        context.runOnContext(ignored -> work.run());
    }

    /** The same outcome, told here. */
    <T> Future<T> here(Future<T> future) {
        Promise<T> promise = promise();
        future.onComplete(promise);
        return promise.future();
    }

    /** A promise whose future is told here, whoever completes it. */
    <T> Promise<T> promise() {
        return context.promise();
    }
}
