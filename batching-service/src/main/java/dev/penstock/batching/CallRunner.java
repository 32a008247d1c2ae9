package dev.penstock.batching;

import dev.penstock.batching.backend.EmbeddingCodec.Embeddings;
import dev.penstock.batching.policy.Blame;
import dev.penstock.batching.policy.FlushReason;
import dev.penstock.batching.policy.RetryBudget;
import dev.penstock.batching.policy.ServiceTime;
import dev.penstock.batching.policy.ServiceTimeFit;
import dev.penstock.common.config.ModelConfig;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.upstream.UpstreamClient.Answer;
import dev.penstock.common.upstream.UpstreamFailure;
import io.vertx.core.AsyncResult;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes merged calls until every item of them has an answer or a reason: retries elsewhere, halves a call that was
 * refused as a whole, learns the service time. Lives on the pool's event loop.
 *
 * <p>A call that waits for its next attempt goes before new ones. Those waiting are bounded by the slots from which they
 * came (times the halves of a refused one, whose items are bounded by the batch).
 */
final class CallRunner {
    private static final Logger log = LoggerFactory.getLogger(CallRunner.class);
    private static final long BACKOFF_NANOS = 25_000_000L;

    private ModelConfig model;
    private final PoolRuntime runtime;
    private final Fleet fleet;
    private final PoolMetrics metrics;
    private int maxItems;
    private final Runnable wake;
    private final ServiceTimeFit fit = new ServiceTimeFit();
    private final RetryBudget retries = new RetryBudget();
    private final Deque<MergedCall> waiting = new ArrayDeque<>();
    private long[] sizes;
    private int waitingItems;
    private int inFlight;
    private long calls;
    private long items;

    /** @param maxItems most items per call */
    CallRunner(ModelConfig model, PoolRuntime runtime, Fleet fleet, PoolMetrics metrics, int maxItems, Runnable wake) {
        this.model = model;
        this.runtime = runtime;
        this.fleet = fleet;
        this.metrics = metrics;
        this.maxItems = maxItems;
        this.wake = wake;
        this.sizes = new long[maxItems + 1];
    }

    /** Goes over to other terms; calls under way end under those that they began with. */
    void follow(ModelConfig next, int mostItems) {
        model = next;
        maxItems = mostItems;
        // Never shorter: calls gathered under the old bound are counted yet.
        sizes = Arrays.copyOf(sizes, Math.max(sizes.length, mostItems + 1));
    }

    /** Sends items for the first time. */
    void send(LaneKey key, List<Ticket> tickets, PoolInstance instance, FlushReason reason, long nowNanos) {
        for (Ticket ticket : tickets) {
            metrics.wait.record(nowNanos - ticket.enqueuedNanos);
        }
        retries.call(nowNanos);
        MergedCall call = new MergedCall(key, tickets, runtime);
        if (log.isDebugEnabled()) {
            log.debug(
                    "{}: {} items ({}) to {}/{} for {}",
                    call.correlation(),
                    tickets.size(),
                    reason,
                    model.name(),
                    instance.name(),
                    tickets.stream()
                            .map(ticket -> ticket.submission.correlationId)
                            .distinct()
                            .toList());
        }
        attempt(call, instance, nowNanos);
    }

    /** Makes the next attempt of a call that waits for one, if an instance is free for it. */
    boolean resumeOne(long nowNanos) {
        for (Iterator<MergedCall> all = waiting.iterator(); all.hasNext(); ) {
            MergedCall call = all.next();
            PoolInstance instance = fleet.forMerged(call.tried, nowNanos);
            boolean othersBusy = instance == null && fleet.othersAvailable(call.tried, nowNanos);
            if (instance == null && !othersBusy && nowNanos - call.notBefore >= 0) {
                instance = fleet.forMerged(List.of(), nowNanos);
            }
            if (instance != null) {
                all.remove();
                waitingItems -= call.size();
                attempt(call, instance, nowNanos);
                return true;
            }
        }
        return false;
    }

    /** Gives up calls whose callers have all gone or stopped waiting. */
    void sweep(long nowNanos) {
        waiting.removeIf(call -> {
            boolean wanted = call.tickets.stream().anyMatch(Ticket::wanted);
            boolean over = !wanted || call.deadlineNanos() - nowNanos <= 0;
            if (over) {
                waitingItems -= call.size();
                Lanes.refuse(call.tickets, spent(call));
            }
            return over;
        });
    }

    /** Refuses what waits for another attempt, with what went wrong in the last one where that is known. */
    void refuseAll(Fault why) {
        for (MergedCall call : waiting) {
            Lanes.refuse(call.tickets, call.lastFault == null ? why : call.lastFault);
        }
        waiting.clear();
        waitingItems = 0;
    }

    ServiceTimeFit fit() {
        return fit;
    }

    /** Items that wait for another attempt. */
    int waiting() {
        return waitingItems;
    }

    /** Calls in flight. */
    int inFlight() {
        return inFlight;
    }

    long calls() {
        return calls;
    }

    long items() {
        return items;
    }

    /** Pairs of size and count. */
    List<long[]> sizes() {
        List<long[]> pairs = new ArrayList<>();
        for (int i = 0; i < sizes.length; i++) {
            if (sizes[i] > 0) {
                pairs.add(new long[] {i, sizes[i]});
            }
        }
        return pairs;
    }

    private void attempt(MergedCall call, PoolInstance instance, long nowNanos) {
        call.tickets.removeIf(ticket -> !ticket.wanted());
        if (call.size() == 0) {
            wake.run();
            return;
        }
        PoolInstance.Slot slot = instance.take(true, nowNanos);
        count(call.size());
        inFlight++;
        String named = instance.config().model().isEmpty()
                ? model.name()
                : instance.config().model();
        call.attempt(instance, named, limit(call, instance, nowNanos), nowNanos)
                .onComplete(result -> ended(call, slot, named, result, nowNanos));
    }

    /** A stalled instance must not hold a call that another one could still answer. */
    private long limit(MergedCall call, PoolInstance instance, long nowNanos) {
        long limit = model.timeout().toNanos();
        ServiceTime expected = fit.current();
        Set<String> failed = new HashSet<>(call.tried);
        failed.add(instance.name());
        boolean another = call.failures + 1 < runtime.config().maxAttempts() && fleet.othersAvailable(failed, nowNanos);
        return expected != null && another ? Math.min(limit, Blame.fairNanos(call.size(), expected)) : limit;
    }

    private void ended(
            MergedCall call, PoolInstance.Slot slot, String named, AsyncResult<Answer> result, long sentNanos) {
        inFlight--;
        long now = runtime.ticker().nanos();
        long took = now - sentNanos;
        Throwable cause = result.cause();
        if (cause != null && !(cause instanceof UpstreamFailure) && !(cause instanceof Fault)) {
            log.error("{}: a defect kept the call from being made", call.correlation(), cause);
        }
        PoolInstance instance = slot.instance();
        Verdict verdict = result.succeeded()
                ? Verdict.of(call, result.result(), instance.name())
                : Verdict.of(call, result.cause(), took, model.timeout().toNanos(), fit.current());
        metrics.call(verdict.outcome());
        switch (verdict) {
            case Verdict.Answered(Embeddings embeddings) -> {
                slot.giveBack(verdict.end(), comparable(call.size(), took), 0);
                fit.record(call.size(), took, now);
                metrics.upstream.record(took);
                call.deliver(embeddings, instance, named, sentNanos, took);
            }
            case Verdict.Rejected(Fault fault) -> {
                slot.giveBack(verdict.end(), 0, 0);
                isolate(call, fault);
            }
            case Verdict.Failed failed -> {
                slot.giveBack(failed.end(), 0, Verdict.retryAfterMillis(failed.fault()));
                fleet.judge(instance, now);
                retry(call, instance, failed, now);
            }
        }
    }

    /** One bad item spoils a whole call: halved until it is alone, it fails alone. At most log2(n) deep. */
    private void isolate(MergedCall call, Fault fault) {
        if (call.size() == 1) {
            Lanes.refuse(call.tickets, fault);
            return;
        }
        log.debug("{}: {} items refused as a whole, halving", call.correlation(), call.size());
        List<MergedCall> halves = call.halves();
        waiting.addFirst(halves.getLast());
        waiting.addFirst(halves.getFirst());
        waitingItems += call.size();
        wake.run();
    }

    private void retry(MergedCall call, PoolInstance instance, Verdict.Failed failed, long nowNanos) {
        call.failures++;
        call.tried.add(instance.name());
        call.lastFault = failed.fault();
        boolean others = fleet.othersAvailable(call.tried, nowNanos);
        boolean worthIt = call.failures < runtime.config().maxAttempts()
                && (others || failed.sameAgain())
                && call.deadlineNanos() - nowNanos > needed(call.size(), nowNanos)
                && call.tickets.stream().anyMatch(Ticket::wanted);
        if (!worthIt || !retries.retry(nowNanos)) {
            log.debug("{}: gives up after {} attempts", call.correlation(), call.failures);
            Lanes.refuse(call.tickets, failed.fault());
            return;
        }
        long backoff = others ? 0 : ThreadLocalRandom.current().nextLong(BACKOFF_NANOS << call.failures);
        call.notBefore = nowNanos + backoff;
        waiting.addLast(call);
        waitingItems += call.size();
        if (backoff > 0) {
            runtime.vertx().setTimer(1 + backoff / 1_000_000, id -> wake.run());
        }
        wake.run();
    }

    /** Least time for which another attempt makes sense. */
    private long needed(int n, long nowNanos) {
        ServiceTime expected = fit.trusted(nowNanos);
        return expected == null ? 1 : expected.nanos(n);
    }

    /** The time that this call would have taken with one item: calls of different sizes can be compared. */
    private long comparable(int n, long tookNanos) {
        ServiceTime expected = fit.current();
        return expected == null || n == 1
                ? tookNanos
                : (long) ((double) tookNanos * expected.nanos(1) / Math.max(1, expected.nanos(n)));
    }

    private void count(int n) {
        calls++;
        items += n;
        sizes[n]++;
        metrics.items.add(n);
        metrics.size.record(n);
        metrics.fill.record((double) n / maxItems);
    }

    private static Fault spent(MergedCall call) {
        return call.lastFault == null
                ? Fault.of(FaultCode.TIMEOUT, "The time for this request was spent.")
                : call.lastFault;
    }
}
