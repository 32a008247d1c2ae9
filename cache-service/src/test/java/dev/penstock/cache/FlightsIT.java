package dev.penstock.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.common.contract.CacheContract;
import dev.penstock.common.contract.CacheContract.Abandon;
import dev.penstock.common.contract.CacheContract.AwaitReply;
import dev.penstock.common.contract.CacheContract.CacheKey;
import dev.penstock.common.contract.CacheContract.Entry;
import dev.penstock.common.contract.CacheContract.Failed;
import dev.penstock.common.contract.CacheContract.Hit;
import dev.penstock.common.contract.CacheContract.Invalidation;
import dev.penstock.common.contract.CacheContract.Join;
import dev.penstock.common.contract.CacheContract.Landed;
import dev.penstock.common.contract.CacheContract.Lead;
import dev.penstock.common.contract.CacheContract.Lookup;
import dev.penstock.common.contract.CacheContract.Outcome;
import dev.penstock.common.contract.CacheContract.Promoted;
import dev.penstock.common.contract.CacheContract.Reason;
import dev.penstock.common.contract.CacheContract.Scope;
import dev.penstock.common.contract.CacheContract.Store;
import dev.penstock.common.contract.CacheContract.Tier;
import dev.penstock.common.unit.Bytes;
import dev.penstock.testkit.Await;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Flights as gateways see them, with neither Redis nor Postgres there. */
class FlightsIT {
    private final CacheFixture cache = new CacheFixture("", "");
    private final CacheKey key = CacheFixture.key("acme");
    private final Entry entry = CacheFixture.entry("[1,2]", Duration.ofMillis(20));

    @AfterEach
    void close() {
        cache.close();
    }

    @Test
    void tenAtOnce_oneLeads_nineGetItsAnswer() {
        List<Outcome> outcomes = lookups(10);

        Lead lead = (Lead) outcomes.getFirst();
        List<Future<AwaitReply>> waiters = awaitAll(outcomes);
        assertThat(waiters).hasSize(9);
        cache.call(CacheContract.STORE, new Store(key, lead.flight(), entry));

        assertThat(waiters)
                .allSatisfy(waiter -> assertThat(Await.result(waiter))
                        .isInstanceOfSatisfying(
                                Landed.class,
                                landed -> assertThat(landed.entry().body()).isEqualTo(entry.body())));
        assertThat(cache.tierOf(key)).isEqualTo(Tier.MEMORY);
        assertThat(cache.stats().coalesced()).isEqualTo(9);
        assertThat(cache.stats().flights()).isZero();
    }

    @Test
    void failedLeader_promotesExactlyOne_andTheOthersGetTheNewAnswer() {
        List<Outcome> outcomes = lookups(5);
        long flight = ((Lead) outcomes.getFirst()).flight();
        List<Future<AwaitReply>> waiters = awaitAll(outcomes);

        cache.call(CacheContract.ABANDON, new Abandon(key, flight, Reason.FAILED));
        Await.until("one is promoted", () -> waiters.stream().anyMatch(Future::isComplete));
        Promoted promoted = waiters.stream()
                .filter(Future::isComplete)
                .map(waiter -> (Promoted) waiter.result())
                .findFirst()
                .orElseThrow();
        cache.call(CacheContract.STORE, new Store(key, promoted.flight(), entry));

        List<AwaitReply> replies = waiters.stream().map(Await::result).toList();
        assertThat(replies).filteredOn(Promoted.class::isInstance).hasSize(1);
        assertThat(replies).filteredOn(Landed.class::isInstance).hasSize(3);
    }

    @Test
    void notCacheable_sendsEveryWaiterToWorkAlone() {
        List<Outcome> outcomes = lookups(3);
        List<Future<AwaitReply>> waiters = awaitAll(outcomes);

        cache.call(
                CacheContract.ABANDON, new Abandon(key, ((Lead) outcomes.getFirst()).flight(), Reason.NOT_CACHEABLE));

        assertThat(waiters)
                .allSatisfy(waiter -> assertThat(Await.result(waiter))
                        .isInstanceOfSatisfying(
                                Failed.class,
                                failed -> assertThat(failed.code().retryable()).isTrue()));
    }

    @Test
    void leaderOutOfTime_countsAsFailed() {
        var hasty = new Lookup(List.of(key), true, CacheFixture.GATEWAY, Duration.ofMillis(1_500));
        assertThat(cache.call(CacheContract.LOOKUP, hasty).outcomes().getFirst())
                .isInstanceOf(Lead.class);
        Join join = (Join) cache.lookup(key);

        var reply = cache.call(CacheContract.AWAIT, new CacheContract.Await(key, join.flight(), "gateway-2"));

        assertThat(reply).isInstanceOf(Promoted.class);
    }

    @Test
    void leaderWhoseMemberLeft_countsAsFailed() {
        List<Future<AwaitReply>> waiters = awaitAll(lookups(2));
        Await.until("the waiter is known", () -> cache.telemetry.scrape().contains("penstock_cache_waiters 1"));

        cache.membership.lose(CacheFixture.GATEWAY);

        assertThat(Await.result(waiters.getFirst())).isInstanceOf(Promoted.class);
    }

    @Test
    void awaitAfterTheLanding_stillGetsTheAnswer() {
        long flight = ((Lead) cache.lookup(key)).flight();
        Join join = (Join) cache.lookup(key);
        cache.call(CacheContract.STORE, new Store(key, flight, entry));

        var reply = cache.call(CacheContract.AWAIT, new CacheContract.Await(key, join.flight(), "gateway-2"));

        assertThat(reply).isInstanceOf(Landed.class);
    }

    @Test
    void invalidatedMeanwhile_isNotStored_andLaterLookupsDoNotJoin() {
        long flight = ((Lead) cache.lookup(key)).flight();
        assertThat(cache.invalidate(new Scope("acme", null, null)).pending())
                .as("no Redis is configured that could come back")
                .isFalse();

        assertThat(cache.lookup(key)).isInstanceOf(Lead.class);
        cache.call(CacheContract.STORE, new Store(key, flight, entry));
        assertThat(cache.lookup(key)).as("not stored").isInstanceOf(Join.class);
    }

    @Test
    void lookupThatMustNotJoin_leadsBesideTheFlight_andItsAnswerIsStored() {
        long shared = ((Lead) cache.lookup(key)).flight();
        var alone = new Lookup(List.of(key), false, CacheFixture.GATEWAY, Duration.ofSeconds(10));
        var outcome = cache.call(CacheContract.LOOKUP, alone).outcomes().getFirst();

        cache.call(CacheContract.STORE, new Store(key, ((Lead) outcome).flight(), entry));

        assertThat(cache.lookup(key)).as("the shared flight goes on").isEqualTo(new Join(shared));
        cache.call(CacheContract.ABANDON, new Abandon(key, shared, Reason.CANCELLED));
        assertThat(cache.lookup(key)).isInstanceOf(Hit.class);
    }

    @Test
    void freshLookup_leadsAlthoughThereIsAnAnswer_andReplacesIt() {
        cache.fill(key, entry);
        var fresh = new Lookup(List.of(key, key), true, CacheFixture.GATEWAY, Duration.ofSeconds(10), true);

        List<Outcome> outcomes = cache.call(CacheContract.LOOKUP, fresh).outcomes();
        assertThat(outcomes).hasSize(2).allSatisfy(each -> assertThat(each).isEqualTo(outcomes.getFirst()));
        assertThat(cache.lookup(key)).as("others are served meanwhile").isInstanceOf(Hit.class);
        cache.call(
                CacheContract.STORE,
                new Store(key, ((Lead) outcomes.getFirst()).flight(), CacheFixture.entry("[3]", Duration.ZERO)));

        assertThat(((Hit) cache.lookup(key)).entry().body()).isEqualTo(Bytes.of("[3]"));
    }

    @Test
    void invalidationByAnotherMember_countsHereToo_andHeartbeatsTellIt() {
        AtomicLong told = new AtomicLong(-1);
        Await.result(cache.bus.subscribe(CacheContract.HEARTBEATS, beat -> told.set(beat.generation())));
        cache.fill(key, entry);

        cache.bus.publish(
                CacheContract.INVALIDATIONS, new Invalidation(new Scope("acme", null, null), 41), cache.context());

        Await.until("a heartbeat tells the generation", () -> told.get() == 41);
        assertThat(cache.lookup(key)).isInstanceOf(Lead.class);
    }

    @Test
    void bodyLargerThanAllowed_isNotStored() {
        cache.fill(key, CacheFixture.entry("x".repeat((1 << 20) + 1), Duration.ZERO));

        assertThat(cache.lookup(key)).isInstanceOf(Lead.class);
    }

    private List<Outcome> lookups(int count) {
        List<Outcome> outcomes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            outcomes.add(cache.lookup(key));
        }
        return outcomes;
    }

    private List<Future<AwaitReply>> awaitAll(List<Outcome> outcomes) {
        List<Future<AwaitReply>> waiters = new ArrayList<>();
        for (Outcome outcome : outcomes) {
            if (outcome instanceof Join join) {
                waiters.add(cache.bus.callOwner(
                        CacheContract.AWAIT,
                        0,
                        new CacheContract.Await(key, join.flight(), "gateway-2"),
                        cache.context()));
            }
        }
        return waiters;
    }
}
