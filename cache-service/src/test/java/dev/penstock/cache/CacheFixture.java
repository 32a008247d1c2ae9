package dev.penstock.cache;

import dev.penstock.common.bus.Bus;
import dev.penstock.common.bus.CallContext;
import dev.penstock.common.bus.Endpoint;
import dev.penstock.common.config.ConfigLoader;
import dev.penstock.common.config.LiveConfig;
import dev.penstock.common.config.PenstockConfig;
import dev.penstock.common.contract.CacheContract;
import dev.penstock.common.contract.CacheContract.CacheKey;
import dev.penstock.common.contract.CacheContract.CacheType;
import dev.penstock.common.contract.CacheContract.Entry;
import dev.penstock.common.contract.CacheContract.Hit;
import dev.penstock.common.contract.CacheContract.Invalidate;
import dev.penstock.common.contract.CacheContract.Invalidated;
import dev.penstock.common.contract.CacheContract.Lead;
import dev.penstock.common.contract.CacheContract.Lookup;
import dev.penstock.common.contract.CacheContract.Outcome;
import dev.penstock.common.contract.CacheContract.ReadStats;
import dev.penstock.common.contract.CacheContract.Scope;
import dev.penstock.common.contract.CacheContract.Stats;
import dev.penstock.common.contract.CacheContract.Store;
import dev.penstock.common.contract.CacheContract.Tier;
import dev.penstock.common.contract.CacheContract.TierStats;
import dev.penstock.common.contract.MonitorContract.Check;
import dev.penstock.common.contract.Usage;
import dev.penstock.common.health.Health;
import dev.penstock.common.service.ServiceContext;
import dev.penstock.common.store.Migrations;
import dev.penstock.common.store.Postgres;
import dev.penstock.common.store.Redis;
import dev.penstock.common.store.VertxPostgres;
import dev.penstock.common.store.VertxRedis;
import dev.penstock.common.telemetry.MicrometerTelemetry;
import dev.penstock.common.time.Ticker;
import dev.penstock.common.unit.Bytes;
import dev.penstock.testkit.Await;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/** One cache-service on real stores, as a gateway sees it. */
final class CacheFixture implements AutoCloseable {
    static final String GATEWAY = "gateway-1";

    final Vertx vertx = Vertx.vertx();
    final Ticker ticker = Ticker.system();
    final FadingMembership membership = new FadingMembership();
    final Bus bus;
    final Redis redis;
    final Postgres postgres;
    final Health health = new Health();
    final MicrometerTelemetry telemetry = new MicrometerTelemetry();
    private final CacheService service = new CacheService();

    /** @param redisUrl and {@code postgresUrl}: empty for none */
    CacheFixture(String redisUrl, String postgresUrl) {
        PenstockConfig config = ConfigLoader.parse(
                        "cache:\n  lasting-threshold: 500ms\n  max-entry: 1MiB\n",
                        Map.of("PENSTOCK_REDIS_URL", redisUrl, "PENSTOCK_POSTGRES_URL", postgresUrl))
                .orThrow();
        bus = new Bus(vertx, membership, ticker);
        redis = VertxRedis.open(vertx, config.redis());
        postgres = VertxPostgres.open(vertx, config.postgres(), () -> Migrations.run(vertx, "", postgresUrl));
        Await.result(service.start(new ServiceContext(
                vertx,
                bus,
                membership,
                LiveConfig.fixed(config),
                redis,
                postgres,
                telemetry,
                health,
                ticker,
                Path.of("target"))));
    }

    static CacheKey key(String tenant) {
        return new CacheKey(
                tenant,
                CacheType.EMBEDDING,
                ThreadLocalRandom.current().nextLong(),
                ThreadLocalRandom.current().nextLong());
    }

    static Entry entry(String body, Duration computeTime) {
        return new Entry(
                "application/json",
                Bytes.of(body),
                System.currentTimeMillis(),
                Duration.ofHours(1),
                computeTime,
                Usage.of(7, 0, false),
                "sandbox-embed");
    }

    <Q, R> R call(Endpoint<Q, R> endpoint, Q request) {
        return Await.result(bus.callOwner(endpoint, 0, request, context()));
    }

    CallContext context() {
        return CallContext.internal("test", ticker.nanos(), Duration.ofSeconds(10));
    }

    Outcome lookup(CacheKey key) {
        return call(CacheContract.LOOKUP, new Lookup(List.of(key), true, GATEWAY, Duration.ofSeconds(10)))
                .outcomes()
                .getFirst();
    }

    /** Looks the key up, which must be a miss, and stores {@code entry} under the flight. */
    void fill(CacheKey key, Entry entry) {
        if (!(lookup(key) instanceof Lead lead)) {
            throw new AssertionError("the key is there already");
        }
        call(CacheContract.STORE, new Store(key, lead.flight(), entry));
    }

    Tier tierOf(CacheKey key) {
        if (lookup(key) instanceof Hit hit) {
            return hit.tier();
        }
        throw new AssertionError("not a hit");
    }

    Invalidated invalidate(Scope scope) {
        return call(CacheContract.INVALIDATE, new Invalidate(scope));
    }

    Stats stats() {
        return call(CacheContract.STATS, new ReadStats());
    }

    boolean serves(Tier tier) {
        return stats().tiers().stream().filter(each -> each.tier() == tier).anyMatch(TierStats::available);
    }

    void awaitTier(Tier tier, boolean serves) {
        Await.until(tier + " serves: " + serves, () -> serves(tier) == serves);
    }

    Check check() {
        return health.report().checks().getFirst();
    }

    @Override
    public void close() {
        Await.result(service.stop());
        Await.result(redis.close());
        Await.result(postgres.close());
        Await.result(vertx.close());
        telemetry.close();
    }
}
