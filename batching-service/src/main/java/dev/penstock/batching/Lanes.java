package dev.penstock.batching;

import dev.penstock.batching.policy.BatchDecision;
import dev.penstock.batching.policy.Batcher;
import dev.penstock.batching.policy.LaneLimits;
import dev.penstock.batching.policy.QueueEstimate;
import dev.penstock.batching.policy.ServiceTime;
import dev.penstock.common.config.BatchingConfig;
import dev.penstock.common.config.ModelConfig;
import dev.penstock.common.contract.BatchContract.Refused;
import dev.penstock.common.contract.BatchContract.Submit;
import dev.penstock.common.contract.BatchContract.SubmitReply;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The lanes of one model: takes submissions, and sends a call whenever an instance has a free slot. Lives on the pool's
 * event loop. A lane exists only while items wait in it, so that callers cannot fill memory with parameters.
 */
final class Lanes {
    /** Most bytes that wait in one pool, whatever their number: items can be long. */
    private static final long MOST_BYTES = 128L << 20;

    /** Where a submission came from and what its gateway calls it. */
    private record Origin(String gateway, String submission) {}

    private final String model;
    private LaneLimits limits;
    private final Fleet fleet;
    private final PoolMetrics metrics;
    private final CallRunner runner;
    private final Map<LaneKey, Batcher<Ticket>> lanes = new HashMap<>();
    private final Map<Origin, Submission> submissions = new HashMap<>();
    private int queued;
    private long queuedBytes;

    Lanes(ModelConfig model, PoolRuntime runtime, Fleet fleet, PoolMetrics metrics, Runnable wake) {
        BatchingConfig config = runtime.config();
        this.model = model.name();
        this.limits = limits(model, config);
        this.fleet = fleet;
        this.metrics = metrics;
        this.runner = new CallRunner(model, runtime, fleet, metrics, limits.maxItems(), wake);
    }

    /** Goes over to other terms; what waits stays, also where the queue may be shorter now. */
    void follow(ModelConfig next, BatchingConfig batching) {
        limits = limits(next, batching);
        lanes.values().forEach(lane -> lane.limits(limits));
        runner.follow(next, limits.maxItems());
    }

    /** What the model says for itself wins over what all models share. */
    static LaneLimits limits(ModelConfig model, BatchingConfig shared) {
        Integer own = model.maxItems();
        return new LaneLimits(own == null ? shared.maxItems() : own, shared.maxTokens(), shared.maxQueue());
    }

    /** Queues the items; refused as a whole where they could not be answered in time. */
    Future<SubmitReply> submit(Submit request, long nowNanos, long deadlineNanos) {
        int newcomers = request.items().size();
        if (queued() + newcomers > limits.maxQueued() || queuedBytes > MOST_BYTES) {
            return Future.failedFuture(overloaded("The queue of model " + model + " is full.", nowNanos));
        }
        LaneKey key = new LaneKey(request.operation(), request.params());
        Batcher<Ticket> lane = lanes.get(key);
        int ahead = (lane == null ? 0 : lane.ahead(request.priority())) + newcomers - 1;
        long estimate = QueueEstimate.itemNanos(
                ahead,
                limits.maxItems(),
                fleet.mergedSlots(nowNanos),
                runner.fit().trusted(nowNanos));
        if (newcomers > 0 && estimate > deadlineNanos - nowNanos) {
            return Future.failedFuture(
                    overloaded("The answer would come after the time for this request is spent.", nowNanos));
        }
        return enqueue(request, key, nowNanos, deadlineNanos);
    }

    /** Sends one call if something waits and an instance is free; false where there is nothing to do. */
    boolean sendOne(long nowNanos) {
        if (runner.resumeOne(nowNanos)) {
            return true;
        }
        LaneKey key = mostUrgent(nowNanos);
        PoolInstance instance = key == null ? null : fleet.forMerged(List.of(), nowNanos);
        Batcher<Ticket> lane = key == null ? null : lanes.get(key);
        if (key == null || instance == null || lane == null) {
            return false;
        }
        ServiceTime expected = runner.fit().trusted(nowNanos);
        switch (lane.decide(nowNanos, 1, expected)) {
            case BatchDecision.Flush<Ticket>(var items, var reason, var late) -> {
                left(key, lane, items);
                refuse(left(key, lane, late), late(nowNanos));
                runner.send(key, items, instance, reason, nowNanos);
            }
            case BatchDecision.Drop<Ticket>(var late) -> refuse(left(key, lane, late), late(nowNanos));
            case BatchDecision.Busy<Ticket> b -> throw new IllegalStateException("busy with a free slot");
            case BatchDecision.Idle<Ticket> i -> lanes.remove(key);
        }
        return true;
    }

    /** Refuses what cannot be answered in time any more, so that its callers hear of it before they give up. */
    void sweep(long nowNanos) {
        if (queued > 0) {
            ServiceTime expected = runner.fit().trusted(nowNanos);
            for (LaneKey key : List.copyOf(lanes.keySet())) {
                Batcher<Ticket> lane = Objects.requireNonNull(lanes.get(key));
                List<Ticket> late = left(key, lane, lane.late(nowNanos, expected));
                if (!late.isEmpty()) {
                    refuse(late, late(nowNanos));
                }
            }
        }
        runner.sweep(nowNanos);
    }

    /** Refuses everything that waits; what is in flight goes on. */
    void refuseAll(Fault why) {
        for (LaneKey key : List.copyOf(lanes.keySet())) {
            Batcher<Ticket> lane = Objects.requireNonNull(lanes.get(key));
            refuse(left(key, lane, lane.drainAll()), why);
        }
        runner.refuseAll(why);
    }

    void cancel(String gateway, String submission) {
        Submission known = submissions.get(new Origin(gateway, submission));
        if (known != null) {
            abandon(known);
        }
    }

    void gatewaysLeft(Predicate<String> gone) {
        for (Map.Entry<Origin, Submission> entry : List.copyOf(submissions.entrySet())) {
            if (gone.test(entry.getKey().gateway())) {
                abandon(entry.getValue());
            }
        }
    }

    /** Items that wait, those between two attempts included. */
    int queued() {
        return queued + runner.waiting();
    }

    boolean idle() {
        return queued() == 0 && runner.inFlight() == 0;
    }

    CallRunner runner() {
        return runner;
    }

    private Future<SubmitReply> enqueue(Submit request, LaneKey key, long nowNanos, long deadlineNanos) {
        Submission submission = new Submission(request, nowNanos, deadlineNanos);
        Origin origin = new Origin(request.gateway(), request.submission());
        submissions.put(origin, submission);
        Batcher<Ticket> lane = lanes.computeIfAbsent(key, k -> new Batcher<>(limits));
        for (Ticket ticket : submission.tickets) {
            ticket.lane = key;
            ticket.waiting = lane.offer(
                    ticket, request.priority(), request.tenant(), ticket.item.weight(), nowNanos, deadlineNanos);
            queued++;
            queuedBytes += ticket.item.json().size();
        }
        metrics.queued.set(queued());
        return submission.reply().onComplete(done -> submissions.remove(origin, submission));
    }

    private @Nullable LaneKey mostUrgent(long nowNanos) {
        LaneKey best = null;
        long earliest = 0;
        for (Map.Entry<LaneKey, Batcher<Ticket>> lane : lanes.entrySet()) {
            long urgency = lane.getValue().urgency(nowNanos);
            if (best == null || urgency - earliest < 0) {
                best = lane.getKey();
                earliest = urgency;
            }
        }
        return best;
    }

    /** Books what has left a lane; an empty lane goes. */
    private List<Ticket> left(LaneKey key, Batcher<Ticket> lane, List<Ticket> tickets) {
        for (Ticket ticket : tickets) {
            ticket.waiting = null;
            queuedBytes -= ticket.item.json().size();
        }
        queued -= tickets.size();
        if (lane.size() == 0) {
            lanes.remove(key);
        }
        metrics.queued.set(queued());
        return tickets;
    }

    private void abandon(Submission submission) {
        List<MergedCall> carrying = new ArrayList<>();
        for (Ticket ticket : submission.tickets) {
            ticket.abandon();
            Batcher<Ticket> lane = ticket.lane == null ? null : lanes.get(ticket.lane);
            if (ticket.lane != null && lane != null && ticket.waiting != null && lane.cancel(ticket.waiting)) {
                left(ticket.lane, lane, List.of(ticket));
            } else if (ticket.call != null && !carrying.contains(ticket.call)) {
                carrying.add(ticket.call);
            }
        }
        submission.fail(Fault.of(FaultCode.CANCELLED, "The caller went away."));
        carrying.forEach(MergedCall::unwanted);
    }

    static void refuse(Iterable<Ticket> tickets, Fault why) {
        Refused refused = new Refused(why.code(), why.status(), why.reason(), Verdict.retryAfterMillis(why));
        for (Iterator<Ticket> all = tickets.iterator(); all.hasNext(); ) {
            all.next().settle(refused);
        }
    }

    private Fault late(long nowNanos) {
        return overloaded("The answer would come after the time for this request is spent.", nowNanos);
    }

    /** With the time after which the queue, as it is now, will be empty. */
    private Fault overloaded(String message, long nowNanos) {
        ServiceTime expected = runner.fit().current();
        long empty = QueueEstimate.itemNanos(
                queued(), limits.maxItems(), Math.max(1, fleet.mergedSlots(nowNanos)), expected);
        return Fault.retryLater(
                FaultCode.OVERLOADED, message, Duration.ofMillis(Math.clamp(empty / 1_000_000, 100, 60_000)));
    }
}
