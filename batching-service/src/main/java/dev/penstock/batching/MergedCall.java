package dev.penstock.batching;

import dev.penstock.batching.backend.EmbeddingCodec;
import dev.penstock.batching.backend.EmbeddingCodec.Embeddings;
import dev.penstock.batching.backend.EmbeddingCodec.Garbage;
import dev.penstock.batching.policy.UsageSplit;
import dev.penstock.common.bus.CallContext;
import dev.penstock.common.config.InstanceConfig;
import dev.penstock.common.contract.BatchContract.Done;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.time.Deadline;
import dev.penstock.common.unit.Bytes;
import dev.penstock.common.upstream.Outbound;
import dev.penstock.common.upstream.UpstreamCall;
import dev.penstock.common.upstream.UpstreamClient;
import dev.penstock.common.upstream.UpstreamClient.Answer;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Items that travel together: the call that carries them, and what is remembered between its attempts. Lives on the
 * pool's event loop.
 */
final class MergedCall {
    private static final int LARGEST_VECTOR = 256 * 1024; // 16,384 numbers as text
    private static final int ENVELOPE = 1 << 20;

    final LaneKey key;
    final List<Ticket> tickets;
    /** Instances that failed it. */
    final Set<String> tried;
    /** Earliest moment for the next attempt on an instance that failed it before, on the ticker's scale. */
    long notBefore;
    /** Attempts that failed. */
    int failures;
    /** What the last attempt failed with. */
    @Nullable
    Fault lastFault;

    private final PoolRuntime runtime;
    private @Nullable UpstreamCall upstream;
    private boolean cancelled;

    MergedCall(LaneKey key, List<Ticket> tickets, PoolRuntime runtime) {
        this(key, tickets, new HashSet<>(), runtime);
    }

    private MergedCall(LaneKey key, List<Ticket> tickets, Set<String> tried, PoolRuntime runtime) {
        this.key = key;
        this.tickets = tickets;
        this.tried = tried;
        this.runtime = runtime;
        tickets.forEach(ticket -> ticket.call = this);
    }

    int size() {
        return tickets.size();
    }

    /** When the most patient caller stops waiting. */
    long deadlineNanos() {
        long latest = tickets.getFirst().submission.deadlineNanos;
        for (Ticket ticket : tickets) {
            long deadline = ticket.submission.deadlineNanos;
            latest = deadline - latest > 0 ? deadline : latest;
        }
        return latest;
    }

    /** Makes one attempt: the whole answer, whatever its status. Never throws. */
    Future<Answer> attempt(PoolInstance instance, String model, long limitNanos, long nowNanos) {
        tickets.forEach(ticket -> ticket.calls++);
        Deadline deadline = new Deadline(nowNanos + Math.min(limitNanos, deadlineNanos() - nowNanos));
        try {
            UpstreamClient client = runtime.client();
            Duration budget = Duration.ofNanos(deadline.remainingNanos(nowNanos));
            CallContext context = new CallContext(correlation(), null, deadline);
            UpstreamCall call = client.open(instance.config(), outbound(instance.config(), model), context, budget);
            upstream = call;
            return call.response()
                    .compose(response ->
                            client.collect(call, response, ENVELOPE + size() * LARGEST_VECTOR, left(deadline)))
                    .onComplete(done -> upstream = null);
        } catch (RuntimeException e) {
            return Future.failedFuture(e);
        }
    }

    /** Reads the answer. */
    Embeddings read(Answer answer) throws Garbage {
        Embeddings read = EmbeddingCodec.answer(answer.body(), size());
        return read.tokens() >= 0 ? read : read.counted(answer.headers().get("x-compute-tokens"));
    }

    /** Gives every item its part. */
    void deliver(Embeddings answer, PoolInstance instance, String model, long dispatchedNanos, long upstreamNanos) {
        int[] weights =
                tickets.stream().mapToInt(ticket -> ticket.item.weight()).toArray();
        long @Nullable [] tokens = answer.tokens() < 0 ? null : UsageSplit.split(answer.tokens(), weights);
        String named = answer.model() == null ? model : answer.model();
        for (int i = 0; i < size(); i++) {
            Ticket ticket = tickets.get(i);
            ticket.settle(new Done(
                    answer.vectors().get(i),
                    tokens == null ? weights[i] : tokens[i],
                    named,
                    instance.name(),
                    size(),
                    ticket.calls,
                    dispatchedNanos - ticket.enqueuedNanos,
                    upstreamNanos));
        }
    }

    /** Halves that inherit what was learnt about instances. */
    List<MergedCall> halves() {
        int middle = size() / 2;
        return List.of(half(tickets.subList(0, middle)), half(tickets.subList(middle, size())));
    }

    /** One caller went away: the attempt is stopped when nobody is left. */
    void unwanted() {
        if (upstream != null && tickets.stream().noneMatch(Ticket::wanted)) {
            cancelled = true;
            upstream.cancel();
        }
    }

    /** Whether we stopped the attempt ourselves, so that how it ended says nothing about the instance. */
    boolean cancelled() {
        return cancelled;
    }

    String correlation() {
        String first = tickets.getFirst().submission.correlationId;
        for (Ticket ticket : tickets) {
            if (!ticket.submission.correlationId.equals(first)) {
                return "batch-" + Long.toHexString(System.identityHashCode(this) ^ tickets.getFirst().enqueuedNanos);
            }
        }
        return first;
    }

    private MergedCall half(List<Ticket> part) {
        MergedCall half = new MergedCall(key, new ArrayList<>(part), new HashSet<>(tried), runtime);
        half.failures = failures;
        return half;
    }

    private Outbound outbound(InstanceConfig instance, String model) {
        List<Bytes> inputs = new ArrayList<>(size());
        tickets.forEach(ticket -> inputs.add(ticket.item.json()));
        return EmbeddingCodec.outbound(instance.api(), model, key.params(), inputs);
    }

    private Duration left(Deadline deadline) {
        return Duration.ofNanos(
                Math.max(1, deadline.remainingNanos(runtime.ticker().nanos())));
    }
}
