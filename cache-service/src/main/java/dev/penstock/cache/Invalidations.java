package dev.penstock.cache;

import dev.penstock.cache.Coherence.Numbered;
import dev.penstock.cache.policy.Generations.Mark;
import dev.penstock.cache.store.Tiers;
import dev.penstock.common.bus.CallContext;
import dev.penstock.common.contract.CacheContract;
import dev.penstock.common.contract.CacheContract.CacheKey;
import dev.penstock.common.contract.CacheContract.Heartbeat;
import dev.penstock.common.contract.CacheContract.Invalidate;
import dev.penstock.common.contract.CacheContract.Invalidated;
import dev.penstock.common.contract.CacheContract.Invalidation;
import dev.penstock.common.service.ServiceContext;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Forgets on request, and tells the cluster what to forget. Used on the service's event loop. */
final class Invalidations {
    private static final Logger log = LoggerFactory.getLogger(Invalidations.class);
    private static final Duration PUBLISH_BUDGET = Duration.ofSeconds(1);

    private final ServiceContext context;
    private final Coherence coherence;
    private final Tiers tiers;
    private final boolean redisConfigured;

    Invalidations(ServiceContext context, Coherence coherence, Tiers tiers) {
        this.context = context;
        this.coherence = coherence;
        this.tiers = tiers;
        this.redisConfigured = !context.config().redis().url().reveal().isBlank();
    }

    /** Listens to the other members. */
    Future<Void> listen() {
        return context.bus()
                .subscribe(
                        CacheContract.INVALIDATIONS,
                        told -> coherence.learn(new Mark(told.scope(), told.generation())));
    }

    Future<Invalidated> invalidate(Invalidate request, CallContext call) {
        return coherence.invalidate(request.scope()).compose(numbered -> {
            Mark mark = numbered.mark();
            context.bus().publish(CacheContract.INVALIDATIONS, new Invalidation(mark.scope(), mark.number()), call);
            boolean pending = redisConfigured && !numbered.shared();
            return remove(numbered).map(ignored -> new Invalidated(mark.number(), pending));
        });
    }

    /** Tells the gateways that this member is there and how far it is. */
    void heartbeat() {
        CallContext call = CallContext.internal("heartbeat", context.ticker().nanos(), PUBLISH_BUDGET);
        context.bus()
                .publish(
                        CacheContract.HEARTBEATS,
                        new Heartbeat(context.membership().self(), coherence.overall()),
                        call);
    }

    /** The mark alone keeps old entries from being served; this frees their room and outlives the mark. */
    private Future<Void> remove(Numbered numbered) {
        CacheKey key = numbered.mark().scope().key();
        Future<Void> saved = coherence.save(numbered.mark());
        if (key == null || !coherence.redisReady()) {
            return saved;
        }
        Future<Void> deleted = tiers.deleteFromRedis(List.of(key)).otherwise(cause -> {
            log.debug("an invalidated entry could not be deleted from Redis; its mark holds", cause);
            return null;
        });
        return Future.join(saved, deleted).mapEmpty();
    }
}
