package dev.penstock.batching.policy;

/** Why a batch left when it did. */
public enum FlushReason {
    /** A cap was reached: it could not have grown. */
    FULL,
    /** A slot was free: waiting for more would have cost time and saved none. */
    SLOT_FREE
}
