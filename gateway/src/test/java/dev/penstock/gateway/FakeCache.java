package dev.penstock.gateway;

import dev.penstock.common.contract.Ack;
import dev.penstock.common.contract.CacheContract;
import dev.penstock.common.contract.CacheContract.AwaitReply;
import dev.penstock.common.contract.CacheContract.CacheKey;
import dev.penstock.common.contract.CacheContract.Entry;
import dev.penstock.common.contract.CacheContract.Heartbeat;
import dev.penstock.common.contract.CacheContract.Hit;
import dev.penstock.common.contract.CacheContract.Invalidated;
import dev.penstock.common.contract.CacheContract.Invalidation;
import dev.penstock.common.contract.CacheContract.Join;
import dev.penstock.common.contract.CacheContract.Landed;
import dev.penstock.common.contract.CacheContract.Lead;
import dev.penstock.common.contract.CacheContract.LookupReply;
import dev.penstock.common.contract.CacheContract.Outcome;
import dev.penstock.common.contract.CacheContract.Promoted;
import dev.penstock.common.contract.CacheContract.Scope;
import dev.penstock.common.contract.CacheContract.Tier;
import dev.penstock.common.service.Role;
import dev.penstock.testkit.Await;
import dev.penstock.testkit.ServiceHarness;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** A cache-service in a few lines: one map, flights, and a heartbeat when the test says so. */
final class FakeCache {
    final Map<CacheKey, Entry> entries = new ConcurrentHashMap<>();
    final List<CacheContract.Abandon> abandoned = new CopyOnWriteArrayList<>();
    final AtomicInteger lookups = new AtomicInteger();
    /** While set, somebody stores an answer right after each invalidation. */
    volatile boolean storedAgain;

    private final Map<CacheKey, Long> joinable = new ConcurrentHashMap<>();
    private final Map<Long, List<Promise<AwaitReply>>> waiting = new ConcurrentHashMap<>();
    /** Who joined before the answer came may ask for it afterwards. */
    private final Map<Long, Entry> landings = new ConcurrentHashMap<>();

    private final AtomicLong flights = new AtomicLong();
    private final AtomicLong generation = new AtomicLong(1);
    private final ServiceHarness harness;

    FakeCache(ServiceHarness harness) {
        this.harness = harness;
        var bus = harness.bus();
        Await.result(bus.serve(CacheContract.LOOKUP, (lookup, call) -> {
            lookups.incrementAndGet();
            List<Outcome> outcomes = new ArrayList<>();
            lookup.keys().forEach(key -> outcomes.add(outcome(key, lookup)));
            return Future.succeededFuture(new LookupReply(outcomes, generation.get()));
        }));
        Await.result(bus.serve(CacheContract.AWAIT, (await, call) -> {
            Entry landed = landings.get(await.flight());
            if (landed != null) {
                return Future.succeededFuture(new Landed(landed));
            }
            Promise<AwaitReply> promise = Promise.promise();
            waiting.computeIfAbsent(await.flight(), f -> new CopyOnWriteArrayList<>())
                    .add(promise);
            return promise.future();
        }));
        Await.result(bus.serve(CacheContract.STORE, (store, call) -> {
            entries.put(store.key(), store.entry());
            landings.put(store.flight(), store.entry());
            joinable.remove(store.key());
            release(store.flight()).forEach(promise -> promise.complete(new Landed(store.entry())));
            return Future.succeededFuture(Ack.OK);
        }));
        Await.result(bus.serve(CacheContract.ABANDON, (abandon, call) -> {
            abandoned.add(abandon);
            joinable.remove(abandon.key());
            List<Promise<AwaitReply>> waiters = release(abandon.flight());
            if (!waiters.isEmpty()) {
                long next = flights.incrementAndGet();
                joinable.put(abandon.key(), next);
                waiters.getFirst().complete(new Promoted(next));
                waiting.put(next, new CopyOnWriteArrayList<>(waiters.subList(1, waiters.size())));
            }
            return Future.succeededFuture(Ack.OK);
        }));
        Await.result(bus.serve(CacheContract.INVALIDATE, (invalidate, call) -> {
            Map<CacheKey, Entry> before = Map.copyOf(entries);
            forget(invalidate.scope());
            if (storedAgain) {
                entries.putAll(before);
            }
            return Future.succeededFuture(new Invalidated(generation.get(), false));
        }));
        harness.context().membership().announce(Role.CACHE);
        beat();
    }

    /** Renews the gateways' lease once. */
    void beat() {
        String self = harness.context().membership().self();
        harness.bus().publish(CacheContract.HEARTBEATS, new Heartbeat(self, generation.get()), harness.call());
    }

    /** Forgets here and tells everybody. */
    void forget(Scope scope) {
        entries.keySet().removeIf(scope::covers);
        harness.bus()
                .publish(
                        CacheContract.INVALIDATIONS,
                        new Invalidation(scope, generation.incrementAndGet()),
                        harness.call());
    }

    /** Forgets here; the message to the gateways is lost. */
    void forgetSilently() {
        entries.clear();
        generation.incrementAndGet();
    }

    int waiters() {
        return waiting.values().stream().mapToInt(List::size).sum();
    }

    private Outcome outcome(CacheKey key, CacheContract.Lookup lookup) {
        if (lookup.fresh()) {
            return new Lead(flights.incrementAndGet());
        }
        Entry entry = entries.get(key);
        if (entry != null) {
            return new Hit(entry, Tier.L2);
        }
        Long flight = joinable.get(key);
        if (flight != null && lookup.mayJoin()) {
            return new Join(flight);
        }
        long next = flights.incrementAndGet();
        joinable.put(key, next);
        return new Lead(next);
    }

    private List<Promise<AwaitReply>> release(long flight) {
        List<Promise<AwaitReply>> waiters = waiting.remove(flight);
        return waiters == null ? List.of() : waiters;
    }
}
