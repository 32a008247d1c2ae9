package dev.penstock.batching;

import dev.penstock.batching.policy.FairQueue;
import dev.penstock.common.contract.BatchContract.Item;
import dev.penstock.common.contract.BatchContract.ItemResult;
import org.jspecify.annotations.Nullable;

/** One item on its way. Lives on the pool's event loop. */
final class Ticket {
    final Submission submission;
    final Item item;
    final long enqueuedNanos;
    private final int index;

    /** The lane that it was put into. */
    @Nullable
    LaneKey lane;
    /** Its place there; null from the moment it leaves. */
    FairQueue.@Nullable Entry<Ticket> waiting;
    /** The call that carries it; null while it waits. */
    @Nullable
    MergedCall call;
    /** Calls that were made for it. */
    int calls;

    private boolean settled;

    Ticket(Submission submission, Item item, int index, long enqueuedNanos) {
        this.submission = submission;
        this.item = item;
        this.index = index;
        this.enqueuedNanos = enqueuedNanos;
    }

    /** Whether somebody still wants the result. */
    boolean wanted() {
        return !settled;
    }

    /** Gives the result to the submission; later ones are ignored. */
    void settle(ItemResult result) {
        if (!settled) {
            settled = true;
            submission.settled(index, result);
        }
    }

    /** Nobody wants the result any more. */
    void abandon() {
        settled = true;
    }
}
