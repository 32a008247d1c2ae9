package dev.penstock.batching.policy;

import java.util.List;

/** What a lane does now. */
public sealed interface BatchDecision<T> {
    /**
     * Send {@code items} as one call.
     *
     * @param items at least one, in the order in which they were chosen
     * @param late left with them because they could not be answered in time any more: refuse them
     */
    record Flush<T>(List<T> items, FlushReason reason, List<T> late) implements BatchDecision<T> {}

    /** Nothing is left to send, but {@code late} left as too late: refuse them. */
    record Drop<T>(List<T> late) implements BatchDecision<T> {}

    /** Work waits for a slot; ask again when one is free. The busy slot is the timer that fills the batch. */
    record Busy<T>() implements BatchDecision<T> {}

    /** Nothing waits. */
    record Idle<T>() implements BatchDecision<T> {}
}
