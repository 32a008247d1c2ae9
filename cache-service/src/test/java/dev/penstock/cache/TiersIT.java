package dev.penstock.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.common.bus.CallContext;
import dev.penstock.common.contract.CacheContract;
import dev.penstock.common.contract.CacheContract.CacheKey;
import dev.penstock.common.contract.CacheContract.CacheType;
import dev.penstock.common.contract.CacheContract.Entry;
import dev.penstock.common.contract.CacheContract.Hit;
import dev.penstock.common.contract.CacheContract.Lead;
import dev.penstock.common.contract.CacheContract.Lookup;
import dev.penstock.common.contract.CacheContract.Scope;
import dev.penstock.common.contract.CacheContract.Store;
import dev.penstock.common.contract.CacheContract.Tier;
import dev.penstock.common.contract.MonitorContract.Status;
import dev.penstock.testkit.Await;
import dev.penstock.testkit.Fault;
import dev.penstock.testkit.FaultProxy;
import dev.penstock.testkit.TestServers;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import io.vertx.sqlclient.Tuple;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The tiers on real Redis and Postgres, each behind a proxy that breaks it. */
class TiersIT {
    private static final Duration CHEAP = Duration.ofMillis(20);
    private static final Duration COSTLY = Duration.ofSeconds(2);

    private final Vertx proxies = Vertx.vertx();
    private final CacheKey key = CacheFixture.key("acme");
    private FaultProxy redisProxy;
    private FaultProxy postgresProxy;
    private String redisUrl;
    private String postgresUrl;
    private CacheFixture cache;

    @BeforeEach
    void start() {
        URI redis = URI.create(TestServers.freshRedis());
        URI postgres = URI.create(TestServers.freshDatabase().url());
        redisProxy = Await.result(FaultProxy.start(proxies, redis.getHost(), redis.getPort()));
        postgresProxy = Await.result(FaultProxy.start(proxies, postgres.getHost(), postgres.getPort()));
        redisUrl = redis.toString().replace(":" + redis.getPort(), ":" + redisProxy.port());
        postgresUrl = postgres.toString().replace(":" + postgres.getPort(), ":" + postgresProxy.port());
        cache = new CacheFixture(redisUrl, postgresUrl);
        cache.awaitTier(Tier.L2, true);
        cache.awaitTier(Tier.L3, true);
    }

    @AfterEach
    void stop() {
        cache.close();
        Await.result(proxies.close());
    }

    @Test
    void cheapEntry_isInRedisWithATimeToLive_andNotInPostgres() {
        Entry entry = CacheFixture.entry("[0.5]", CHEAP);
        cache.fill(key, entry);

        assertThat(cache.lookup(key)).isInstanceOfSatisfying(Hit.class, hit -> {
            assertThat(hit.tier()).isEqualTo(Tier.L2);
            assertThat(hit.entry().body()).isEqualTo(entry.body());
            assertThat(hit.entry().usage()).isEqualTo(entry.usage());
            assertThat(hit.entry().model()).isEqualTo(entry.model());
        });
        Response names = Await.result(cache.redis.send(Command.KEYS, "penstock:{c:*"));
        assertThat(names.size()).isEqualTo(1);
        Response ttl = Await.result(cache.redis.send(Command.PTTL, names.get(0).toString()));
        assertThat(ttl.toLong()).isBetween(3_200_000L, 3_600_000L);
        assertThat(rowsInPostgres()).isZero();
    }

    @Test
    void costlyEntry_survivesAnEmptiedRedis_andGoesUpAgain() {
        cache.fill(key, CacheFixture.entry("expensive", COSTLY));
        assertThat(rowsInPostgres()).isEqualTo(1);
        Await.result(cache.redis.send(Command.FLUSHDB));

        assertThat(cache.tierOf(key)).isEqualTo(Tier.L3);
        Await.until("promoted", () -> cache.tierOf(key) == Tier.L2);
    }

    @Test
    void manyKeys_mixOfTiers_comeBackInOrder() {
        CacheKey other = CacheFixture.key("acme");
        CacheKey absent = CacheFixture.key("acme");
        cache.fill(key, CacheFixture.entry("lasting", COSTLY));
        Await.result(cache.redis.send(Command.FLUSHDB));
        cache.fill(other, CacheFixture.entry("recent", CHEAP));

        var reply = cache.call(
                CacheContract.LOOKUP,
                new Lookup(List.of(absent, key, other, key), true, CacheFixture.GATEWAY, Duration.ofSeconds(5)));

        assertThat(reply.outcomes()).hasSize(4);
        assertThat(reply.outcomes().get(0)).isInstanceOf(Lead.class);
        assertThat(((Hit) reply.outcomes().get(1)).tier()).isEqualTo(Tier.L3);
        assertThat(((Hit) reply.outcomes().get(2)).tier()).isEqualTo(Tier.L2);
        assertThat(reply.outcomes().get(3)).isEqualTo(reply.outcomes().get(1));
    }

    @Test
    void largeBody_isCompressedAndComesBackWhole() {
        String body = "{\"label\":\"positive\"},".repeat(8_000);
        cache.fill(key, CacheFixture.entry(body, COSTLY));

        assertThat(cache.lookup(key))
                .isInstanceOfSatisfying(
                        Hit.class, hit -> assertThat(hit.entry().body().utf8()).isEqualTo(body));
        Response names = Await.result(cache.redis.send(Command.KEYS, "penstock:{c:*"));
        Response size =
                Await.result(cache.redis.send(Command.STRLEN, names.get(0).toString()));
        assertThat(size.toLong()).isLessThan(body.length() / 2);
    }

    @Test
    void redisAway_memoryServes_healthSaysSo_andWhatWasInvalidatedDoesNotComeBack() {
        CacheKey kept = CacheFixture.key("umbrella");
        CacheKey single = CacheFixture.key("umbrella");
        cache.fill(key, CacheFixture.entry("old", CHEAP));
        cache.fill(kept, CacheFixture.entry("kept", CHEAP));
        cache.fill(single, CacheFixture.entry("single", CHEAP));
        Await.result(redisProxy.set(Fault.CUT));
        cache.awaitTier(Tier.L2, false);
        assertThat(cache.check().status()).isEqualTo(Status.DEGRADED);
        assertThat(cache.check().detail()).contains("memory-only");

        CacheKey during = CacheFixture.key("acme");
        cache.fill(during, CacheFixture.entry("during", CHEAP));
        assertThat(cache.tierOf(during)).isEqualTo(Tier.MEMORY);
        assertThat(cache.invalidate(new Scope("acme", null, null)).pending()).isTrue();
        assertThat(cache.invalidate(new Scope(null, null, single)).pending()).isTrue();
        assertThat(cache.lookup(during)).isInstanceOf(Lead.class);

        Await.result(redisProxy.set(Fault.PASS));
        cache.awaitTier(Tier.L2, true);
        assertThat(cache.check().status()).isEqualTo(Status.HEALTHY);
        assertThat(cache.lookup(key)).as("invalidated during the outage").isInstanceOf(Lead.class);
        assertThat(cache.lookup(single)).as("invalidated alone").isInstanceOf(Lead.class);
        assertThat(cache.tierOf(kept)).isEqualTo(Tier.L2);
    }

    @Test
    void invalidatedDuringTheOutage_staysInvalidated_forAMemberThatStartsLater() {
        cache.fill(key, CacheFixture.entry("old", CHEAP));
        Await.result(redisProxy.set(Fault.CUT));
        cache.awaitTier(Tier.L2, false);
        assertThat(cache.invalidate(new Scope("acme", null, null)).pending()).isTrue();
        cache.close();

        Await.result(redisProxy.set(Fault.PASS));
        cache = new CacheFixture(redisUrl, postgresUrl);
        cache.awaitTier(Tier.L2, true);

        assertThat(cache.lookup(key)).isInstanceOf(Lead.class);
    }

    @Test
    void bothAway_invalidationIsKeptInMemory_andBothLearnOfItLater() {
        cache.fill(key, CacheFixture.entry("old", COSTLY));
        Await.result(redisProxy.set(Fault.CUT));
        Await.result(postgresProxy.set(Fault.CUT));
        cache.awaitTier(Tier.L2, false);
        cache.awaitTier(Tier.L3, false);
        assertThat(cache.invalidate(new Scope("acme", CacheType.EMBEDDING, null))
                        .pending())
                .isTrue();

        Await.result(redisProxy.set(Fault.PASS));
        Await.result(postgresProxy.set(Fault.PASS));
        cache.awaitTier(Tier.L2, true);
        cache.awaitTier(Tier.L3, true);
        assertThat(cache.lookup(key)).isInstanceOf(Lead.class);
        assertThat(Await.result(cache.redis.send(Command.HGET, "penstock:{gen}", "x:EMBEDDING:acme")))
                .isNotNull();
        assertThat(Await.result(cache.postgres.query(
                                "SELECT 1 FROM penstock.cache_generation WHERE scope = $1",
                                Tuple.of("x:EMBEDDING:acme")))
                        .size())
                .isEqualTo(1);
    }

    @Test
    void emptiedRedis_doesNotRewindTheGeneration() {
        long first = cache.invalidate(Scope.EVERYTHING).generation();
        Await.result(cache.redis.send(Command.FLUSHDB));

        assertThat(cache.invalidate(Scope.EVERYTHING).generation()).isEqualTo(first + 1);
    }

    @Test
    void invalidate_inBothTiers_byTenantTypeAndKey() {
        for (Scope scope : List.of(
                new Scope("acme", null, null),
                new Scope(null, CacheType.EMBEDDING, null),
                new Scope("acme", CacheType.EMBEDDING, null),
                new Scope(null, null, key),
                Scope.EVERYTHING)) {
            cache.fill(key, CacheFixture.entry("value", COSTLY));
            assertThat(cache.lookup(key)).isInstanceOf(Hit.class);

            assertThat(cache.invalidate(scope).pending()).isFalse();

            Lead lead = (Lead) cache.lookup(key);
            cache.call(
                    CacheContract.ABANDON,
                    new CacheContract.Abandon(key, lead.flight(), CacheContract.Reason.CANCELLED));
        }
    }

    @Test
    void loaderThatBeganBeforeAnInvalidation_cannotWriteAfterIt() {
        for (int i = 0; i < 200; i++) {
            CacheKey each = CacheFixture.key("acme");
            Lead lead = (Lead) cache.lookup(each);
            var invalidated = cache.bus.callOwner(
                    CacheContract.INVALIDATE,
                    0,
                    new CacheContract.Invalidate(new Scope(null, null, each)),
                    cache.context());
            var stored = cache.bus.callOwner(
                    CacheContract.STORE,
                    0,
                    new Store(each, lead.flight(), CacheFixture.entry("old", COSTLY)),
                    cache.context());
            Await.result(invalidated);
            Await.result(stored);

            assertThat(cache.lookup(each)).as("round %d", i).isInstanceOf(Lead.class);
        }
    }

    @Test
    void lookupThatComesTooLateForItsCaller_namesNoLeader() {
        Await.result(redisProxy.set(Fault.STALL));
        var hasty = CallContext.internal("test", cache.ticker.nanos(), Duration.ofMillis(50));
        var request = new Lookup(List.of(key), true, CacheFixture.GATEWAY, Duration.ofMinutes(10));

        Await.failure(cache.bus.callOwner(CacheContract.LOOKUP, 0, request, hasty));

        // Read together with the hasty one, and answered after it.
        assertThat(cache.lookup(key)).isInstanceOf(Lead.class);
    }

    @Test
    void redisStalls_lookupsAreAnsweredInTime() {
        cache.fill(key, CacheFixture.entry("value", COSTLY));
        Await.result(redisProxy.set(Fault.STALL));

        long started = System.nanoTime();
        assertThat(cache.tierOf(key)).isEqualTo(Tier.L3);

        assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(1));
    }

    @Test
    void postgresStalls_missesAreAnsweredInTime() {
        Await.result(postgresProxy.set(Fault.STALL));

        long started = System.nanoTime();
        assertThat(cache.lookup(CacheFixture.key("acme"))).isInstanceOf(Lead.class);

        assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(1));
    }

    private long rowsInPostgres() {
        return Await.result(cache.postgres.query("SELECT count(*) FROM penstock.cache_entry", Tuple.tuple()))
                .iterator()
                .next()
                .getLong(0);
    }
}
