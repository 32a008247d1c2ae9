package dev.penstock.common.contract;

import dev.penstock.common.bus.Endpoint;
import dev.penstock.common.bus.Topic;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.service.Role;
import dev.penstock.common.unit.Bytes;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What cache-service offers. The keys of one call must all be owned by the member that is called: the owner of a key is
 * {@code membership.owner(Role.CACHE, key.hash())}, and it keeps the key's flight.
 */
public sealed interface CacheContract {
    Endpoint<Lookup, LookupReply> LOOKUP =
            Endpoint.of(Role.CACHE, "cache.lookup.v1", Lookup.class, LookupReply.class, Duration.ofSeconds(2));
    /** Answered when the flight lands, fails, or promotes this waiter: bounded by the caller's budget alone. */
    Endpoint<Await, AwaitReply> AWAIT =
            Endpoint.of(Role.CACHE, "cache.await.v1", Await.class, AwaitReply.class, Duration.ofMinutes(10));

    Endpoint<Store, Ack> STORE =
            Endpoint.of(Role.CACHE, "cache.store.v1", Store.class, Ack.class, Duration.ofSeconds(5));
    Endpoint<Abandon, Ack> ABANDON =
            Endpoint.of(Role.CACHE, "cache.abandon.v1", Abandon.class, Ack.class, Duration.ofSeconds(5));
    Endpoint<Invalidate, Invalidated> INVALIDATE =
            Endpoint.of(Role.CACHE, "cache.invalidate.v1", Invalidate.class, Invalidated.class, Duration.ofSeconds(5));
    Endpoint<ReadStats, Stats> STATS =
            Endpoint.of(Role.CACHE, "cache.stats.v1", ReadStats.class, Stats.class, Duration.ofSeconds(2));
    /** Tells every gateway to forget; one that misses it notices by the generation in the next lookup's reply. */
    Topic<Invalidation> INVALIDATIONS = Topic.of("cache.invalidations.v1", Invalidation.class);
    /** From each cache member every 250 ms: renews the gateways' coherence lease and tells them what they missed. */
    Topic<Heartbeat> HEARTBEATS = Topic.of("cache.heartbeat.v1", Heartbeat.class);

    /** What kind of answer an entry holds; decides TTL, tiers and strategy. */
    enum CacheType {
        ANALYSIS,
        SHORT_TREND,
        REFERENCE,
        CONFIG,
        BENCHMARK,
        TREND,
        COMPLETION,
        EMBEDDING,
        HTTP,
        /** The answer to an {@code Idempotency-Key}: kept also in Postgres, however quickly it came. */
        IDEMPOTENCY
    }

    /** Where an answer came from, nearest first. */
    enum Tier {
        L1,
        L2,
        L3,
        MEMORY
    }

    /**
     * The name of an answer: 128 bits of a keyed hash over tenant scope, type, canonical request and model version.
     *
     * @param tenant kept beside the hash, so that a tenant can be invalidated; it is also part of the hash
     */
    record CacheKey(String tenant, CacheType type, long high, long low) implements CacheContract {
        /** What ownership and shards go by. */
        public long hash() {
            return high;
        }
    }

    /**
     * An answer as stored. The body is in the form from which every rendering can be made: little-endian float32 for one
     * embedding, the backend's JSON for a completion.
     *
     * @param createdAtMillis wall clock, for {@code Age}
     * @param computeTime what the answer cost in time; entries above a threshold also go to L3
     * @param usage the tokens that the backend charged for it
     * @param model the backend's own name of the model that answered
     */
    record Entry(
            String contentType,
            Bytes body,
            long createdAtMillis,
            Duration ttl,
            Duration computeTime,
            Usage usage,
            String model)
            implements CacheContract {
        public boolean fresh(long nowMillis) {
            return nowMillis - createdAtMillis < ttl.toMillis();
        }
    }

    /**
     * @param mayJoin false where work must not be shared: then only Hit or Lead come back
     * @param gateway the asking member ({@code membership.self()}): when it leaves, the flights that it leads have failed
     * @param budget what the whole request has left, more than this call may take: a flight that it leads has failed then
     * @param fresh true where the answer must be made anew: only Lead comes back, on a flight that nobody joins
     */
    record Lookup(List<CacheKey> keys, boolean mayJoin, String gateway, Duration budget, boolean fresh)
            implements CacheContract {
        public Lookup {
            keys = List.copyOf(keys);
        }

        /** A lookup that takes what is there. */
        public Lookup(List<CacheKey> keys, boolean mayJoin, String gateway, Duration budget) {
            this(keys, mayJoin, gateway, budget, false);
        }
    }

    /** One outcome per key, in the order of the keys. */
    record LookupReply(List<Outcome> outcomes, long generation) implements CacheContract {
        public LookupReply {
            outcomes = List.copyOf(outcomes);
        }
    }

    sealed interface Outcome extends CacheContract {}

    /** Found; {@code tier} says where. */
    record Hit(Entry entry, Tier tier) implements Outcome {}

    /** Nobody works on it: the caller does, and ends the flight by STORE or ABANDON. */
    record Lead(long flight) implements Outcome {}

    /** Somebody works on it: AWAIT the flight at the same member. */
    record Join(long flight) implements Outcome {}

    /** @param gateway the waiting member ({@code membership.self()}), which leads the next flight if it is promoted */
    record Await(CacheKey key, long flight, String gateway) implements CacheContract {}

    sealed interface AwaitReply extends CacheContract {}

    record Landed(Entry entry) implements AwaitReply {}

    /** The leader gave up and this waiter leads now, under a new flight. */
    record Promoted(long flight) implements AwaitReply {}

    /**
     * The flight ended without an answer that could be shared; the waiter does the work alone where
     * {@code code.retryable()} and its own time allow.
     */
    record Failed(FaultCode code, String message) implements AwaitReply {}

    /** Ends a flight with an answer; stored in the tiers of its type. A flight that was invalidated meanwhile is not stored. */
    record Store(CacheKey key, long flight, Entry entry) implements CacheContract {}

    enum Reason {
        FAILED,
        CANCELLED,
        NOT_CACHEABLE
    }

    /** Ends a flight without an answer: one waiter is promoted, or all are told where the reason says that work cannot be shared. */
    record Abandon(CacheKey key, long flight, Reason reason) implements CacheContract {}

    /** What to forget: everything where all are null, else what matches each non-null part. */
    record Scope(
            @Nullable String tenant,
            @Nullable CacheType type,
            @Nullable CacheKey key) implements CacheContract {
        public static final Scope EVERYTHING = new Scope(null, null, null);

        public boolean covers(CacheKey candidate) {
            return (tenant == null || tenant.equals(candidate.tenant()))
                    && (type == null || type == candidate.type())
                    && (key == null || key.equals(candidate));
        }
    }

    record Invalidate(Scope scope) implements CacheContract {}

    /** @param pending true while Redis is away: recorded, and applied before Redis is read again */
    record Invalidated(long generation, boolean pending) implements CacheContract {}

    record Invalidation(Scope scope, long generation) implements CacheContract {}

    /** @param generation the member's overall generation: above what a gateway has heard of, it missed an invalidation */
    record Heartbeat(String member, long generation) implements CacheContract {}

    record ReadStats() implements CacheContract {}

    /** Counts since this member started. */
    record TierStats(Tier tier, long hits, long misses, long entries, long bytes, boolean available)
            implements CacheContract {}

    record Stats(String member, List<TierStats> tiers, long flights, long coalesced) implements CacheContract {
        public Stats {
            tiers = List.copyOf(tiers);
        }
    }
}
