package dev.penstock.common.contract;

import dev.penstock.common.bus.Endpoint;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.service.Role;
import dev.penstock.common.unit.Bytes;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What batching-service offers. All calls about a model go to the member that owns the model's pool:
 * {@code membership.owner(Role.BATCHING, model)}.
 */
public sealed interface BatchContract {
    Endpoint<Submit, SubmitReply> SUBMIT =
            Endpoint.of(Role.BATCHING, "batch.submit.v1", Submit.class, SubmitReply.class, Duration.ofMinutes(10));
    /** Answered when a slot is granted; waits in a bounded queue at most as long as the caller does. */
    Endpoint<Lease, Leased> LEASE =
            Endpoint.of(Role.BATCHING, "batch.lease.v1", Lease.class, Leased.class, Duration.ofMinutes(10));

    Endpoint<Renew, Renewed> RENEW =
            Endpoint.of(Role.BATCHING, "batch.renew.v1", Renew.class, Renewed.class, Duration.ofSeconds(2));
    Endpoint<Release, Ack> RELEASE =
            Endpoint.of(Role.BATCHING, "batch.release.v1", Release.class, Ack.class, Duration.ofSeconds(5));
    /** The caller hung up: what still waits is dropped, what is under way goes on for the others in its call. */
    Endpoint<Cancel, Ack> CANCEL =
            Endpoint.of(Role.BATCHING, "batch.cancel.v1", Cancel.class, Ack.class, Duration.ofSeconds(2));

    Endpoint<Inspect, Pools> INSPECT =
            Endpoint.of(Role.BATCHING, "batch.inspect.v1", Inspect.class, Pools.class, Duration.ofSeconds(2));

    /**
     * Items of one caller that may leave together with those of others.
     *
     * @param model the name in the configuration
     * @param params canonical JSON of the parameters that all items of a call must share, such as {@code dimensions};
     *     equal bytes mean the same lane
     * @param tenant for fairness and isolation
     * @param correlationId repeated in the logs of the batch that carries the items
     * @param gateway the member that asks; when it leaves, its items are dropped
     * @param submission unique among what this gateway has under way; what {@link Cancel} names
     */
    record Submit(
            String model,
            Operation operation,
            Bytes params,
            String tenant,
            Priority priority,
            String correlationId,
            List<Item> items,
            String gateway,
            String submission)
            implements BatchContract {
        public Submit {
            items = List.copyOf(items);
        }
    }

    /**
     * One input.
     *
     * @param json the input as one JSON value, as the backend will read it
     * @param weight its size in the lane's unit (estimated tokens), at least 1
     */
    record Item(Bytes json, int weight) implements BatchContract {}

    /** One result per item, in order. */
    record SubmitReply(List<ItemResult> results) implements BatchContract {
        public SubmitReply {
            results = List.copyOf(results);
        }
    }

    sealed interface ItemResult extends BatchContract {}

    /**
     * @param value the result in its stored form (see {@link CacheContract.Entry})
     * @param tokens this item's share of the call's tokens; the shares of a call add up to its total
     * @param batchSize items in the call that carried it
     * @param attempts calls that were made for it, at least 1
     */
    record Done(
            Bytes value,
            long tokens,
            String model,
            String instance,
            int batchSize,
            int attempts,
            long queueNanos,
            long upstreamNanos)
            implements ItemResult {}

    /** @param retryAfterMillis 0 where nobody knows */
    record Refused(FaultCode code, int status, String message, long retryAfterMillis) implements ItemResult {}

    /**
     * Ends what a SUBMIT or a waiting LEASE asked for; their calls are then answered with {@link FaultCode#CANCELLED}.
     * Nothing happens where it is done already. A granted lease is not cancelled but released.
     */
    record Cancel(String model, String gateway, String submission) implements BatchContract {}

    /**
     * Asks for a slot on an instance, for work that cannot be merged.
     *
     * @param exclude instances that this request has tried already; granted again only where no other is available
     * @param gateway the member that asks; when it leaves, the lease lapses
     * @param submission unique among what this gateway has under way; what {@link Cancel} names
     */
    record Lease(
            String model,
            Operation operation,
            String tenant,
            Priority priority,
            List<String> exclude,
            String gateway,
            String submission)
            implements BatchContract {
        public Lease {
            exclude = List.copyOf(exclude);
        }
    }

    /**
     * A slot. It lapses after two missed renewals or when the gateway's member leaves.
     *
     * @param instance the name in the configuration; the gateway takes URL and key from its own configuration
     * @param queueNanos how long the request waited for it
     */
    record Leased(long lease, String model, String instance, long queueNanos, long renewEveryMillis)
            implements BatchContract {}

    /** The leases that a gateway still holds at this owner; what it does not name lapses. */
    record Renew(String gateway, List<Long> leases) implements BatchContract {
        public Renew {
            leases = List.copyOf(leases);
        }
    }

    /** @param unknown leases that this owner does not know (it is new): the gateway carries on and need not renew them */
    record Renewed(List<Long> unknown) implements BatchContract {
        public Renewed {
            unknown = List.copyOf(unknown);
        }
    }

    /** How a leased call ended, as far as the instance is to blame. */
    enum CallEnd {
        SUCCESS,
        /** The instance failed: 5xx, connection error, timeout, garbage. */
        FAILURE,
        /** 429 or overloaded: a pause, not a failure. */
        THROTTLED,
        /** The caller hung up, or the caller's own request was refused: says nothing about the instance. */
        NEUTRAL
    }

    record Release(
            String model,
            long lease,
            String instance,
            CallEnd end,
            long latencyNanos,
            long firstByteNanos,
            long retryAfterMillis,
            Usage usage)
            implements BatchContract {}

    record Inspect() implements BatchContract {}

    /** The pools that this member owns now. */
    record Pools(String member, List<Pool> pools) implements BatchContract {
        public Pools {
            pools = List.copyOf(pools);
        }
    }

    /** @param sizes pairs of batch size and count since the start, as {@code [size, count]} */
    record Pool(
            String model,
            long calls,
            long items,
            long queued,
            int inFlight,
            List<long[]> sizes,
            @Nullable Double fittedBaseMillis,
            @Nullable Double fittedPerItemMillis,
            List<Instance> instances)
            implements BatchContract {
        public Pool {
            sizes = List.copyOf(sizes);
            instances = List.copyOf(instances);
        }
    }

    record Instance(String name, String state, int inFlight, long calls, long failures, double ewmaMillis)
            implements BatchContract {}
}
