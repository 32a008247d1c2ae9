package dev.penstock.cache;

import dev.penstock.cache.policy.FlightTable;
import dev.penstock.cache.policy.FlightTable.Leader;
import dev.penstock.cache.policy.Lifetime;
import dev.penstock.cache.store.Found;
import dev.penstock.cache.store.Stamped;
import dev.penstock.cache.store.Tiers;
import dev.penstock.common.bus.CallContext;
import dev.penstock.common.config.CacheConfig;
import dev.penstock.common.contract.Ack;
import dev.penstock.common.contract.CacheContract.Abandon;
import dev.penstock.common.contract.CacheContract.Await;
import dev.penstock.common.contract.CacheContract.AwaitReply;
import dev.penstock.common.contract.CacheContract.CacheKey;
import dev.penstock.common.contract.CacheContract.Entry;
import dev.penstock.common.contract.CacheContract.Hit;
import dev.penstock.common.contract.CacheContract.Join;
import dev.penstock.common.contract.CacheContract.Landed;
import dev.penstock.common.contract.CacheContract.Lead;
import dev.penstock.common.contract.CacheContract.Lookup;
import dev.penstock.common.contract.CacheContract.LookupReply;
import dev.penstock.common.contract.CacheContract.Outcome;
import dev.penstock.common.contract.CacheContract.Promoted;
import dev.penstock.common.contract.CacheContract.Reason;
import dev.penstock.common.contract.CacheContract.Store;
import dev.penstock.common.contract.CacheContract.Tier;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.service.ServiceContext;
import dev.penstock.common.time.Ticker;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/**
 * Reads through: what is in flight is joined, what the tiers have is a hit, the rest is led by who asked first. A key is
 * read from the tiers once at a time, whoever asks. Used on the service's event loop.
 */
final class Lookups {
    /** Answers that are on their way to the tiers and served from here until they are there. */
    private static final int MAX_LANDING = 1_000;

    private final Supplier<CacheConfig> live;
    private final Ticker ticker;
    private final Loop loop;
    private final Flights flights;
    private final Coherence coherence;
    private final Tiers tiers;
    private final Drops drops;
    private final Map<CacheKey, Future<Optional<Found>>> reading = new HashMap<>();
    private final Map<CacheKey, Stamped> landing = new HashMap<>();
    private final LongAdder coalesced = new LongAdder();

    Lookups(ServiceContext context, Loop loop, Flights flights, Coherence coherence, Tiers tiers) {
        this.live = () -> context.config().cache();
        this.ticker = context.ticker();
        this.loop = loop;
        this.flights = flights;
        this.coherence = coherence;
        this.tiers = tiers;
        this.drops = new Drops(context.telemetry());
    }

    /** Lookups that were answered with somebody else's work; from any thread. */
    long coalesced() {
        return coalesced.sum();
    }

    Future<LookupReply> lookup(Lookup request, CallContext call) {
        Leader leader =
                new Leader(request.gateway(), ticker.nanos() + request.budget().toNanos());
        Map<CacheKey, Outcome> early = new HashMap<>();
        Set<CacheKey> unknown = new LinkedHashSet<>();
        if (request.fresh()) {
            Set.copyOf(request.keys()).forEach(key -> early.put(key, new Lead(flights.open(key, leader, false))));
            return Future.succeededFuture(reply(request, early));
        }
        for (CacheKey key : request.keys()) {
            known(key, request.mayJoin()).ifPresentOrElse(outcome -> early.put(key, outcome), () -> unknown.add(key));
        }
        return read(unknown).compose(found -> {
            if (call.deadline().spent(ticker.nanos())) {
                // Nobody hears the reply: whoever it named leader would keep those who join waiting for nothing.
                return Future.failedFuture(Fault.of(FaultCode.TIMEOUT, "The tiers did not answer in time."));
            }
            Map<CacheKey, Outcome> late = new HashMap<>(early);
            unknown.forEach(key -> late.put(key, decide(key, found, request.mayJoin(), leader)));
            return Future.succeededFuture(reply(request, late));
        });
    }

    private LookupReply reply(Lookup request, Map<CacheKey, Outcome> outcomes) {
        return new LookupReply(
                request.keys().stream()
                        .map(key -> Objects.requireNonNull(outcomes.get(key)))
                        .toList(),
                coherence.overall());
    }

    Future<AwaitReply> await(Await request, CallContext call) {
        return flights.await(
                        request.flight(), request.gateway(), call.deadline().atNanos())
                .orElseGet(() -> awaitAnew(request, call));
    }

    Future<Ack> store(Store request) {
        Entry entry = withLifetime(request.entry());
        return flights.land(request.flight(), request.key(), entry)
                .map(landed -> {
                    boolean outdated = landed.spoiled() || !coherence.storable(landed.key(), landed.stamp());
                    return outdated ? drops.dropped("invalidated") : keep(landed.key(), entry, landed.stamp());
                })
                .orElseGet(() -> drops.dropped("late"));
    }

    Future<Ack> abandon(Abandon request) {
        if (request.reason() == Reason.NOT_CACHEABLE) {
            flights.refuse(request.flight());
        } else {
            flights.fail(request.flight());
        }
        return Future.succeededFuture(Ack.OK);
    }

    /** The flight ended between the lookup and this call: its answer may be there, else this caller leads or waits anew. */
    private Future<AwaitReply> awaitAnew(Await request, CallContext call) {
        CacheKey key = request.key();
        return read(Set.of(key)).compose(found -> {
            Leader leader = new Leader(request.gateway(), call.deadline().atNanos());
            return switch (decide(key, found, true, leader)) {
                case Hit hit -> Future.succeededFuture(new Landed(hit.entry()));
                case Lead lead -> Future.succeededFuture(new Promoted(lead.flight()));
                case Join join ->
                    flights.await(join.flight(), request.gateway(), leader.untilNanos())
                            .orElseGet(() -> Future.succeededFuture(new Promoted(FlightTable.UNTRACKED)));
            };
        });
    }

    private Outcome decide(CacheKey key, Map<CacheKey, Optional<Found>> found, boolean mayJoin, Leader leader) {
        Optional<Found> stored = found.getOrDefault(key, Optional.empty());
        if (stored.isPresent()) {
            return new Hit(stored.get().entry(), stored.get().tier());
        }
        return known(key, mayJoin).orElseGet(() -> new Lead(flights.open(key, leader, mayJoin)));
    }

    /** What can be said without asking a tier. */
    private Optional<Outcome> known(CacheKey key, boolean mayJoin) {
        Stamped landed = landing.get(key);
        if (landed != null && coherence.valid(key, landed.stamp())) {
            return Optional.of(new Hit(landed.entry(), Tier.MEMORY));
        }
        OptionalLong flight = mayJoin ? flights.joinable(key) : OptionalLong.empty();
        if (flight.isEmpty()) {
            return Optional.empty();
        }
        coalesced.increment();
        return Optional.of(new Join(flight.getAsLong()));
    }

    private Future<Map<CacheKey, Optional<Found>>> read(Set<CacheKey> keys) {
        List<CacheKey> fresh = new ArrayList<>();
        Map<CacheKey, Future<Optional<Found>>> all = new HashMap<>();
        for (CacheKey key : keys) {
            Future<Optional<Found>> running = reading.get(key);
            if (running == null) {
                fresh.add(key);
            } else {
                all.put(key, running);
            }
        }
        startReading(fresh, all);
        return Future.join(List.copyOf(all.values())).map(ignored -> {
            Map<CacheKey, Optional<Found>> found = new HashMap<>();
            all.forEach((key, read) -> found.put(key, read.result()));
            return found;
        });
    }

    private void startReading(List<CacheKey> keys, Map<CacheKey, Future<Optional<Found>>> all) {
        if (keys.isEmpty()) {
            return;
        }
        Future<List<Optional<Found>>> batch = loop.here(tiers.read(keys));
        for (int i = 0; i < keys.size(); i++) {
            CacheKey key = keys.get(i);
            int index = i;
            Future<Optional<Found>> read = batch.transform(result -> {
                reading.remove(key);
                return Future.succeededFuture(
                        result.succeeded() ? result.result().get(index) : Optional.<Found>empty());
            });
            if (!read.isComplete()) {
                reading.put(key, read);
            }
            all.put(key, read);
        }
    }

    private Future<Ack> keep(CacheKey key, Entry entry, long stamp) {
        CacheConfig config = live.get();
        if (!config.enabled() || entry.ttl().isZero() || entry.ttl().isNegative()) {
            return drops.dropped("not-wanted");
        }
        if (entry.body().size() > config.maxEntry().bytes()) {
            return drops.dropped("too-large");
        }
        Stamped stamped = new Stamped(entry, stamp);
        if (landing.size() < MAX_LANDING) {
            landing.put(key, stamped);
        }
        return loop.here(tiers.write(key, stamped)).transform(result -> {
            landing.remove(key, stamped);
            return result.succeeded() ? Future.succeededFuture(Ack.OK) : Future.failedFuture(result.cause());
        });
    }

    private static Entry withLifetime(Entry entry) {
        return new Entry(
                entry.contentType(),
                entry.body(),
                entry.createdAtMillis(),
                Lifetime.jittered(entry.ttl(), ThreadLocalRandom.current().nextDouble()),
                entry.computeTime(),
                entry.usage(),
                entry.model());
    }
}
