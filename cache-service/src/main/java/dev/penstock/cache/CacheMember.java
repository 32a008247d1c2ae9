package dev.penstock.cache;

import dev.penstock.cache.store.MemoryTier;
import dev.penstock.cache.store.Tiers;
import dev.penstock.common.bus.Bus;
import dev.penstock.common.contract.CacheContract;
import dev.penstock.common.contract.CacheContract.Scope;
import dev.penstock.common.contract.CacheContract.Stats;
import dev.penstock.common.contract.MonitorContract.Check;
import dev.penstock.common.contract.MonitorContract.Status;
import dev.penstock.common.service.ServiceContext;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One cache member, wired: its parts, its endpoints, its timers. Used on one event loop unless a method says otherwise. */
final class CacheMember {
    private static final Logger log = LoggerFactory.getLogger(CacheMember.class);
    private static final Duration HEARTBEAT = Duration.ofMillis(250);
    private static final Duration EXPIRE = Duration.ofMillis(100);
    private static final Duration SYNC = Duration.ofSeconds(1);
    /** Between two sweeps of one member, give or take half, so that members sweep at different times. */
    private static final Duration SWEEP = Duration.ofSeconds(10);

    private static final int SWEEP_BATCH = 500;

    private final ServiceContext services;
    private final Vertx vertx;
    private final Loop loop;
    private final boolean redisConfigured;
    private final MemoryTier memory;
    private final Coherence coherence;
    private final Flights flights;
    private final Tiers tiers;
    private final Lookups lookups;
    private final Invalidations invalidations;

    CacheMember(ServiceContext services, Loop loop) {
        InstantSource clock = InstantSource.system();
        this.services = services;
        this.vertx = services.vertx();
        this.loop = loop;
        this.redisConfigured = !services.config().redis().url().reveal().isBlank();
        this.memory = new MemoryTier(services.config().cache().memorySize());
        this.coherence = new Coherence(services, loop, this::forget, memory::clear);
        this.flights = new Flights(loop, services.ticker(), coherence::overall, services.telemetry(), clock.millis());
        this.tiers = new Tiers(services, coherence, memory, clock);
        this.lookups = new Lookups(services, loop, flights, coherence, tiers);
        this.invalidations = new Invalidations(services, coherence, tiers);
        services.live()
                .register((before, next) -> () -> memory.size(next.cache().memorySize()));
        coherence.deleters(tiers::deleteFromRedis, tiers::deleteFromPostgres);
    }

    /** Completed when every endpoint can be called. */
    Future<Void> start() {
        services.membership().onLeave(gone -> loop.run(() -> flights.leave(gone)));
        services.health().register(this::redisCheck);
        services.telemetry()
                .gauge("penstock_cache_memory_bytes", "Heap that stands in for Redis", () -> (double) memory.bytes());
        coherence.start();
        vertx.setPeriodic(EXPIRE.toMillis(), ignored -> flights.expire());
        vertx.setPeriodic(SYNC.toMillis(), ignored -> coherence.sync());
        vertx.setPeriodic(SYNC.toMillis(), ignored -> flights.missing(services.membership()::present));
        vertx.setPeriodic(HEARTBEAT.toMillis(), ignored -> invalidations.heartbeat());
        sweepLater();
        return serve(services.bus());
    }

    /** Lets every waiter go on alone. */
    void stop() {
        flights.close();
    }

    /** Whether nobody waits for this member; from any thread. */
    boolean idle() {
        return flights.open() == 0;
    }

    private Future<Void> serve(Bus bus) {
        return Future.all(
                        bus.serve(CacheContract.LOOKUP, lookups::lookup),
                        bus.serve(CacheContract.AWAIT, lookups::await),
                        bus.serve(CacheContract.STORE, (store, call) -> lookups.store(store)),
                        bus.serve(CacheContract.ABANDON, (abandon, call) -> lookups.abandon(abandon)),
                        bus.serve(CacheContract.INVALIDATE, invalidations::invalidate),
                        bus.serve(CacheContract.STATS, (read, call) -> Future.succeededFuture(stats())))
                .compose(ignored -> invalidations.listen());
    }

    private void forget(Scope scope) {
        flights.spoil(scope);
        memory.forget(scope);
    }

    private Stats stats() {
        return new Stats(services.membership().self(), tiers.stats(), flights.open(), lookups.coalesced());
    }

    private Check redisCheck() {
        if (coherence.redisReady()) {
            return new Check("cache", Status.HEALTHY, null);
        }
        return redisConfigured
                ? new Check("cache", Status.DEGRADED, "degraded: memory-only (Redis is away)")
                : new Check("cache", Status.HEALTHY, "memory-only (no Redis is configured)");
    }

    private void sweepLater() {
        long millis = SWEEP.toMillis() / 2 + ThreadLocalRandom.current().nextLong(SWEEP.toMillis());
        vertx.setTimer(millis, ignored -> {
            sweep();
            sweepLater();
        });
    }

    private void sweep() {
        if (coherence.postgresReady()) {
            Future.join(tiers.sweep(SWEEP_BATCH), coherence.sweep(SWEEP_BATCH))
                    .onFailure(cause -> log.debug("expired entries could not be swept", cause));
        }
    }
}
