package dev.penstock.gateway.exchange;

import io.vertx.core.Future;

/** Sets something aside for work that is about to be sent upstream: tokens of a limit, money of a budget. */
@FunctionalInterface
public interface Reserver {
    /**
     * Complete at once where memory can decide.
     *
     * @return failed with the {@code Fault} that the caller sees where there is not enough left
     */
    Future<Reservation> reserve(Exchange exchange, Estimate estimate);
}
