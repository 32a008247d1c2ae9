package dev.penstock.cache.policy;

import dev.penstock.common.contract.CacheContract.CacheKey;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Work in flight, so that identical work is done once. A flight has one leader, who does the work, and waiters, who get
 * its answer. A leader that fails, leaves or takes too long hands the flight to exactly one waiter; each waiter is given
 * back to the caller of this class exactly once.
 *
 * <p>A flight remembers the generation that was in force when its work began ({@code stamp}). One that is invalidated
 * meanwhile is <em>spoiled</em>: nobody joins it any more and its answer is for those who waited already.
 *
 * <p>Bounded by flights and by waiters. Used by one thread; time comes in as nanoseconds of one ticker.
 *
 * @param <T> the caller's handle of a waiter, handed back when it is to be answered
 */
public final class FlightTable<T> {
    /** The flight of work that could not be tracked because the table is full: nothing joins it, nothing stores it. */
    public static final long UNTRACKED = 0;

    /** @param untilNanos when its time is spent: then it counts as failed */
    public record Leader(String member, long untilNanos) {}

    /** @param untilNanos when nobody reads its answer any more */
    public record Waiter<T>(T handle, String member, long untilNanos) {}

    /** A waiter that leads now, under a new flight. */
    public record Promotion<T>(T handle, long flight) {}

    /** What became of waiters: promoted ones lead, late ones ran out of time or left with their member. */
    public record Change<T>(List<Promotion<T>> promoted, List<T> late) {
        boolean isEmpty() {
            return promoted.isEmpty() && late.isEmpty();
        }
    }

    /**
     * A flight that ended with an answer.
     *
     * @param stamp the generation in force when the work began
     * @param spoiled true where it was invalidated meanwhile: answer the waiters, keep nothing
     */
    public record Landing<T>(CacheKey key, long stamp, boolean spoiled, List<T> waiters) {}

    /** What became of an attempt to wait. */
    public enum Waiting {
        ACCEPTED,
        /** No such flight: it ended before. */
        UNKNOWN,
        /** Too many wait already. */
        FULL
    }

    private static final class Flight<T> {
        final long id;
        final CacheKey key;
        final long stamp;
        final Leader leader;
        final Deque<Waiter<T>> waiters;
        boolean spoiled;

        Flight(long id, CacheKey key, long stamp, Leader leader, Deque<Waiter<T>> waiters) {
            this.id = id;
            this.key = key;
            this.stamp = stamp;
            this.leader = leader;
            this.waiters = waiters;
        }
    }

    private final int maxFlights;
    private final int maxWaiters;
    private final Map<Long, Flight<T>> flights = new HashMap<>();
    /** The flight of a key that can be joined; flights that were never shared or are spoiled are not in here. */
    private final Map<CacheKey, Flight<T>> joinable = new HashMap<>();

    private long nextId;
    private int waiting;

    /** @param firstId where numbering starts: above all of an earlier life of this member, never {@link #UNTRACKED} */
    public FlightTable(int maxFlights, int maxWaiters, long firstId) {
        this.maxFlights = maxFlights;
        this.maxWaiters = maxWaiters;
        this.nextId = Math.max(1, firstId);
    }

    public int flights() {
        return flights.size();
    }

    public int waiting() {
        return waiting;
    }

    /** The flight of {@code key} that can be joined now. */
    public OptionalLong joinable(CacheKey key, long now) {
        Flight<T> flight = joinable.get(key);
        return flight == null || spent(flight.leader.untilNanos(), now)
                ? OptionalLong.empty()
                : OptionalLong.of(flight.id);
    }

    /**
     * Starts a flight; the caller has seen that none can be joined.
     *
     * @param stamp the generation in force now, before the work begins
     * @param shared false where nobody may join
     * @return its number, or {@link #UNTRACKED} where the table is full
     */
    public long open(CacheKey key, Leader leader, long stamp, boolean shared) {
        if (flights.size() >= maxFlights) {
            return UNTRACKED;
        }
        Flight<T> flight = new Flight<>(nextId++, key, stamp, leader, new ArrayDeque<>());
        flights.put(flight.id, flight);
        if (shared) {
            joinable.put(key, flight);
        }
        return flight.id;
    }

    public Waiting await(long id, Waiter<T> waiter) {
        Flight<T> flight = flights.get(id);
        if (flight == null) {
            return Waiting.UNKNOWN;
        }
        if (waiting >= maxWaiters) {
            return Waiting.FULL;
        }
        flight.waiters.add(waiter);
        waiting++;
        return Waiting.ACCEPTED;
    }

    /**
     * Ends a flight with an answer; empty where it ended before or is another key's, so that a late or a wrong answer
     * changes nothing.
     */
    public Optional<Landing<T>> land(long id, CacheKey key) {
        Flight<T> flight = flights.get(id);
        if (flight == null || !flight.key.equals(key)) {
            return Optional.empty();
        }
        remove(flight);
        return Optional.of(new Landing<>(key, flight.stamp, flight.spoiled, release(flight)));
    }

    /** Ends a flight whose answer cannot be shared: every waiter is given back, to work alone. */
    public List<T> refuse(long id) {
        Flight<T> flight = flights.get(id);
        if (flight == null) {
            return List.of();
        }
        remove(flight);
        return release(flight);
    }

    /**
     * Ends a flight without an answer: one waiter leads a new flight and the rest wait on that.
     *
     * @param stamp the generation in force now, when the new leader begins
     */
    public Change<T> fail(long id, long stamp, long now) {
        Change<T> change = new Change<>(new ArrayList<>(), new ArrayList<>());
        Flight<T> flight = flights.get(id);
        if (flight != null) {
            fail(flight, stamp, now, change);
        }
        return change;
    }

    /** Fails the flights whose leader's time is spent and gives back the waiters whose time is. */
    public Change<T> expire(long stamp, long now) {
        Change<T> change = new Change<>(new ArrayList<>(), new ArrayList<>());
        for (Flight<T> flight : List.copyOf(flights.values())) {
            dropWaiters(flight, waiter -> spent(waiter.untilNanos(), now), change);
            if (spent(flight.leader.untilNanos(), now)) {
                fail(flight, stamp, now, change);
            }
        }
        return change;
    }

    /** Fails the flights whose leader left and gives back the waiters that left with it. */
    public Change<T> leave(Set<String> members, long stamp, long now) {
        Change<T> change = new Change<>(new ArrayList<>(), new ArrayList<>());
        for (Flight<T> flight : List.copyOf(flights.values())) {
            dropWaiters(flight, waiter -> members.contains(waiter.member()), change);
        }
        for (Flight<T> flight : List.copyOf(flights.values())) {
            if (members.contains(flight.leader.member())) {
                fail(flight, stamp, now, change);
            }
        }
        return change;
    }

    /** The members that lead a flight. */
    public Set<String> leaders() {
        Set<String> members = new HashSet<>();
        flights.values().forEach(flight -> members.add(flight.leader.member()));
        return members;
    }

    /** Marks what is invalidated now: later lookups of these keys start anew. */
    public void spoil(Predicate<CacheKey> covered) {
        for (Flight<T> flight : flights.values()) {
            if (covered.test(flight.key)) {
                flight.spoiled = true;
                joinable.remove(flight.key, flight);
            }
        }
    }

    /** Gives back every waiter and forgets every flight: the member stops. */
    public List<T> close() {
        List<T> all = new ArrayList<>();
        flights.values().forEach(flight -> all.addAll(release(flight)));
        flights.clear();
        joinable.clear();
        return all;
    }

    private void fail(Flight<T> flight, long stamp, long now, Change<T> change) {
        remove(flight);
        dropWaiters(flight, waiter -> spent(waiter.untilNanos(), now), change);
        if (flight.waiters.isEmpty()) {
            return;
        }
        Flight<T> other = joinable.get(flight.key);
        if (other != null && !spent(other.leader.untilNanos(), now)) {
            other.waiters.addAll(flight.waiters);
            return;
        }
        Waiter<T> next = flight.waiters.remove();
        waiting--;
        Leader leader = new Leader(next.member(), next.untilNanos());
        Flight<T> successor = new Flight<>(nextId++, flight.key, stamp, leader, flight.waiters);
        flights.put(successor.id, successor);
        joinable.put(successor.key, successor);
        change.promoted().add(new Promotion<>(next.handle(), successor.id));
    }

    private void dropWaiters(Flight<T> flight, Predicate<Waiter<T>> gone, Change<T> change) {
        flight.waiters.removeIf(waiter -> {
            boolean drop = gone.test(waiter);
            if (drop) {
                waiting--;
                change.late().add(waiter.handle());
            }
            return drop;
        });
    }

    private void remove(Flight<T> flight) {
        flights.remove(flight.id);
        joinable.remove(flight.key, flight);
    }

    private List<T> release(Flight<T> flight) {
        List<T> handles = flight.waiters.stream().map(Waiter::handle).toList();
        waiting -= handles.size();
        flight.waiters.clear();
        return handles;
    }

    private static boolean spent(long untilNanos, long now) {
        return untilNanos - now <= 0;
    }
}
