package dev.penstock.cache;

import dev.penstock.common.service.ServiceContext;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import org.jspecify.annotations.Nullable;

/** Puts one cache member on one event loop. */
final class CacheVerticle extends VerticleBase {
    private final ServiceContext services;
    private volatile @Nullable CacheMember member;

    CacheVerticle(ServiceContext services) {
        this.services = services;
    }

    @Override
    public Future<?> start() {
        CacheMember made = new CacheMember(services, new Loop(context));
        member = made;
        return made.start();
    }

    @Override
    public Future<?> stop() {
        CacheMember made = member;
        if (made != null) {
            made.stop();
        }
        return Future.succeededFuture();
    }

    /** Whether nobody waits for this member; from any thread. */
    boolean idle() {
        CacheMember made = member;
        return made == null || made.idle();
    }
}
