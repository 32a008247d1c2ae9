package dev.penstock.cache;

import dev.penstock.cache.policy.FlightTable;
import dev.penstock.cache.policy.FlightTable.Change;
import dev.penstock.cache.policy.FlightTable.Landing;
import dev.penstock.cache.policy.FlightTable.Leader;
import dev.penstock.cache.policy.FlightTable.Waiter;
import dev.penstock.cache.policy.FreezeWatch;
import dev.penstock.common.contract.CacheContract;
import dev.penstock.common.contract.CacheContract.AwaitReply;
import dev.penstock.common.contract.CacheContract.CacheKey;
import dev.penstock.common.contract.CacheContract.Entry;
import dev.penstock.common.contract.CacheContract.Failed;
import dev.penstock.common.contract.CacheContract.Landed;
import dev.penstock.common.contract.CacheContract.Promoted;
import dev.penstock.common.contract.CacheContract.Scope;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.telemetry.Telemetry;
import dev.penstock.common.time.Ticker;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/** The flights of the keys that this member owns: answers waiters as the table decides. Used on the service's event loop. */
final class Flights {
    private static final int MAX_FLIGHTS = 20_000;
    private static final int MAX_WAITERS = 50_000;
    /** Room for this many flights per millisecond of an earlier life, so that numbers never repeat. */
    private static final int IDS_PER_MILLI_SHIFT = 10;

    /** Some beats of {@link #expire()}. */
    private static final Duration FROZEN = Duration.ofSeconds(1);

    private final FlightTable<Promise<AwaitReply>> table;
    private final FreezeWatch watch =
            new FreezeWatch(FROZEN.toNanos(), CacheContract.LOOKUP.timeout().toNanos());
    private final Loop loop;
    private final Ticker ticker;
    private final LongSupplier generation;
    private final Telemetry.Counter promotions;
    private final Telemetry.Counter untracked;
    private Set<String> absentBefore = Set.of();
    private volatile int open;
    private volatile int waiting;

    /** @param startedMillis wall clock at start, from which flights are numbered */
    Flights(Loop loop, Ticker ticker, LongSupplier generation, Telemetry telemetry, long startedMillis) {
        this.table = new FlightTable<>(MAX_FLIGHTS, MAX_WAITERS, startedMillis << IDS_PER_MILLI_SHIFT);
        this.loop = loop;
        this.ticker = ticker;
        this.generation = generation;
        this.promotions = telemetry.counter(
                "penstock_cache_promotions_total", "Waiters that took over from a leader that failed");
        this.untracked = telemetry.counter(
                "penstock_cache_flights_untracked_total",
                "Work that was not tracked: too much is in flight, or this member stood still");
        telemetry.gauge("penstock_cache_flights", "Work in flight", () -> open);
        telemetry.gauge("penstock_cache_waiters", "Callers that wait for somebody else's work", () -> waiting);
    }

    /** Flights now; from any thread. */
    int open() {
        return open;
    }

    OptionalLong joinable(CacheKey key) {
        return table.joinable(key, ticker.nanos());
    }

    /** Starts a flight under the generation in force now; untracked where its leader may not hear that it leads. */
    long open(CacheKey key, Leader leader, boolean shared) {
        long flight = watch.doubtful(ticker.nanos())
                ? FlightTable.UNTRACKED
                : table.open(key, leader, generation.getAsLong(), shared);
        if (flight == FlightTable.UNTRACKED) {
            untracked.increment();
        }
        count();
        return flight;
    }

    /** Waits on a flight; empty where it has ended. */
    Optional<Future<AwaitReply>> await(long flight, String gateway, long untilNanos) {
        Promise<AwaitReply> promise = loop.promise();
        var accepted = table.await(flight, new Waiter<>(promise, gateway, untilNanos));
        count();
        return switch (accepted) {
            case ACCEPTED -> Optional.of(promise.future());
            case UNKNOWN -> Optional.empty();
            case FULL -> Optional.of(Future.succeededFuture(alone("Too many wait for shared work.")));
        };
    }

    /** Ends a flight and answers its waiters; empty where it ended before. */
    Optional<Landing<Promise<AwaitReply>>> land(long flight, CacheKey key, Entry entry) {
        var landing = table.land(flight, key);
        count();
        landing.ifPresent(landed -> landed.waiters().forEach(waiter -> waiter.tryComplete(new Landed(entry))));
        return landing;
    }

    void fail(long flight) {
        apply(table.fail(flight, generation.getAsLong(), ticker.nanos()));
    }

    void refuse(long flight) {
        var waiters = table.refuse(flight);
        count();
        waiters.forEach(waiter -> waiter.tryComplete(alone("The answer cannot be shared.")));
    }

    /** To be called every 100 ms or so. */
    void expire() {
        watch.beat(ticker.nanos());
        apply(table.expire(generation.getAsLong(), ticker.nanos()));
    }

    void leave(Set<String> members) {
        apply(table.leave(members, generation.getAsLong(), ticker.nanos()));
    }

    /**
     * To be called every second or so: fails the flights of leaders that are not in the cluster, two times in a row since
     * a new member may be heard before it is seen. The last message of a dead gateway may be read after the news of its
     * death.
     */
    void missing(Predicate<String> present) {
        Set<String> absent = new HashSet<>(table.leaders());
        absent.removeIf(present);
        Set<String> gone = new HashSet<>(absent);
        gone.retainAll(absentBefore);
        absentBefore = absent;
        if (!gone.isEmpty()) {
            leave(gone);
        }
    }

    void spoil(Scope scope) {
        table.spoil(scope::covers);
    }

    /** Lets every waiter go on alone: this member stops. */
    void close() {
        var waiters = table.close();
        count();
        waiters.forEach(waiter -> waiter.tryComplete(alone("The member that kept the flight stops.")));
    }

    private void apply(Change<Promise<AwaitReply>> change) {
        count();
        change.promoted().forEach(promotion -> {
            promotions.increment();
            promotion.handle().tryComplete(new Promoted(promotion.flight()));
        });
        change.late()
                .forEach(waiter ->
                        waiter.tryComplete(new Failed(FaultCode.TIMEOUT, "The time for this request was spent.")));
    }

    private void count() {
        open = table.flights();
        waiting = table.waiting();
    }

    private static Failed alone(String why) {
        return new Failed(FaultCode.UNAVAILABLE, why);
    }
}
