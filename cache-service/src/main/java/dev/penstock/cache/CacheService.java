package dev.penstock.cache;

import dev.penstock.common.service.Role;
import dev.penstock.common.service.Service;
import dev.penstock.common.service.ServiceContext;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The shared tiers of the cache and the flights of the keys that this member owns. */
public final class CacheService implements Service {
    private static final Duration IDLE_POLL = Duration.ofMillis(20);

    private @Nullable Vertx vertx;
    private @Nullable CacheVerticle verticle;
    private @Nullable String deployment;

    @Override
    public Role role() {
        return Role.CACHE;
    }

    @Override
    public Future<Void> start(ServiceContext context) {
        CacheVerticle made = new CacheVerticle(context);
        vertx = context.vertx();
        verticle = made;
        return context.vertx()
                .deployVerticle(made)
                .onSuccess(id -> {
                    deployment = id;
                    context.membership().announce(Role.CACHE);
                })
                .mapEmpty();
    }

    /** Completed when no work is in flight whose callers wait for this member. */
    @Override
    public Future<Void> drain() {
        Vertx on = vertx;
        CacheVerticle of = verticle;
        if (on == null || of == null) {
            return Future.succeededFuture();
        }
        Promise<Void> idle = Promise.promise();
        awaitIdle(on, of, idle);
        return idle.future();
    }

    @Override
    public Future<Void> stop() {
        Vertx on = vertx;
        String id = deployment;
        verticle = null;
        deployment = null;
        return on == null || id == null ? Future.succeededFuture() : on.undeploy(id);
    }

    private void awaitIdle(Vertx on, CacheVerticle of, Promise<Void> idle) {
        if (of.idle() || of != verticle) {
            idle.complete();
        } else {
            on.setTimer(IDLE_POLL.toMillis(), ignored -> awaitIdle(on, of, idle));
        }
    }
}
