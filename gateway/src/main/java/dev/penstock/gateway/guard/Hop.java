package dev.penstock.gateway.guard;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import org.jspecify.annotations.Nullable;

/** Brings results of the stores' clients to the thread that owns what they change. */
final class Hop {
    private Hop() {}

    static <T extends @Nullable Object> Future<T> to(Context context, Future<T> future) {
        Promise<T> arrived = Promise.promise();
        future.onComplete(result -> context.runOnContext(ignored -> arrived.handle(result)));
        return arrived.future();
    }
}
