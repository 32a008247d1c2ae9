package dev.penstock.batching.policy;

import dev.penstock.common.contract.Priority;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One lane: items that may share a call, and the decision when and which of them go.
 *
 * <p>The rule is work-conserving: whenever a slot is free and something waits, it goes at once with everything that
 * fits. No timer holds items back, because on a backend that costs {@code a + b·n} and has a bounded number of slots a
 * delay never helped in simulation: the busy slot is what gathers the next batch. An idle lane adds no wait.
 *
 * <p>Work that cannot be answered in time is dropped before it costs anything. Dropping only what has expired is as bad
 * as not dropping under overload (every call then serves items that die in flight), so the expected service time of the
 * planned call counts.
 *
 * <p>Every item leaves exactly once: by {@link #decide}, {@link #late}, {@link #cancel} or {@link #drainAll}. Not safe
 * for use by several threads.
 */
public final class Batcher<T> {
    private LaneLimits limits;
    private final FairQueue<T> queue = new FairQueue<>();

    public Batcher(LaneLimits limits) {
        this.limits = limits;
    }

    /** Other limits from now on; what waits stays. */
    public void limits(LaneLimits next) {
        limits = next;
    }

    /**
     * Adds an item.
     *
     * @param weight in the lane's unit, at least 1
     * @param deadline when its caller stops waiting, on the ticker's scale
     * @return its handle, or null if the lane is full
     */
    public FairQueue.@Nullable Entry<T> offer(
            T item, Priority priority, String tenant, int weight, long nowNanos, long deadline) {
        return queue.size() >= limits.maxQueued()
                ? null
                : queue.offer(item, priority, tenant, Math.max(1, weight), nowNanos, deadline);
    }

    /** Takes out an item whose caller went away; false if it has left already. */
    public boolean cancel(FairQueue.Entry<T> entry) {
        return queue.remove(entry);
    }

    /**
     * What to do now.
     *
     * @param freeSlots calls that could start now
     * @param expected service time by number of items; null where nobody knows, then only expired items are late
     */
    public BatchDecision<T> decide(long nowNanos, int freeSlots, @Nullable ServiceTime expected) {
        if (queue.isEmpty()) {
            return new BatchDecision.Idle<>();
        }
        if (freeSlots <= 0) {
            return new BatchDecision.Busy<>();
        }
        long needed = expected == null ? 1 : expected.highNanos(Math.min(queue.size(), limits.maxItems()));
        List<T> items = new ArrayList<>(Math.min(queue.size(), limits.maxItems()));
        List<T> late = new ArrayList<>(0);
        boolean full = fill(items, late, nowNanos, needed);
        if (items.isEmpty()) {
            return new BatchDecision.Drop<>(late);
        }
        return new BatchDecision.Flush<>(items, full ? FlushReason.FULL : FlushReason.SLOT_FREE, late);
    }

    /** Takes out what would be late even if it went alone and now. O(n): for a sweep, not for every item. */
    public List<T> late(long nowNanos, @Nullable ServiceTime expected) {
        long needed = expected == null ? 1 : expected.highNanos(1);
        return queue.removeIf(entry -> entry.deadline() - nowNanos < needed);
    }

    /** Takes out everything, for a lane that can no longer be served. */
    public List<T> drainAll() {
        return queue.removeIf(entry -> true);
    }

    /** Items that wait. */
    public int size() {
        return queue.size();
    }

    /** Items that wait and go before a newcomer of this class. */
    public int ahead(Priority priority) {
        return queue.ahead(priority);
    }

    /** When the next item should go, on the ticker's scale: compares lanes. {@code otherwise} when nothing waits. */
    public long urgency(long otherwise) {
        FairQueue.Entry<T> head = queue.peek();
        return head == null ? otherwise : head.virtualDeadline();
    }

    /** True if a cap ended the batch. */
    private boolean fill(List<T> items, List<T> late, long nowNanos, long needed) {
        long weight = 0;
        while (items.size() < limits.maxItems()) {
            FairQueue.Entry<T> head = queue.peek();
            if (head == null) {
                return false;
            }
            if (head.deadline() - nowNanos < needed) {
                late.add(head.value());
            } else if (!items.isEmpty() && weight + head.weight() > limits.maxWeight()) {
                return true;
            } else {
                items.add(head.value());
                weight += head.weight();
            }
            queue.poll();
        }
        return true;
    }
}
