package dev.penstock.common.config;

/** How a pool chooses the instance of a call. */
public enum Balancing {
    /** The cheapest of those with little in flight: latency times load. */
    HOT_COLD,
    /** Each in turn. */
    ROUND_ROBIN,
    /** The one with the fewest calls in flight. */
    LEAST_CONNECTIONS,
    /** In turn, by weight. */
    WEIGHTED,
    /** The same key at the same instance, unless that is overloaded. */
    CONSISTENT_HASH
}
