package dev.penstock.alert.store;

import dev.penstock.alert.policy.Tracked;
import dev.penstock.common.contract.AlertContract.Event;
import org.jspecify.annotations.Nullable;

/**
 * One durable change: the alert as it becomes (null where a pending one is dropped) and what people are told about it.
 *
 * @param dropped id of the alert that is dropped, null otherwise
 */
public record AlertRecord(
        @Nullable Tracked tracked,
        @Nullable String dropped,
        @Nullable Event event) {}
