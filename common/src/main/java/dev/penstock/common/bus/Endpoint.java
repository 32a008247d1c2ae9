package dev.penstock.common.bus;

import dev.penstock.common.service.Role;
import java.time.Duration;

/**
 * A typed request/reply address: who serves it, what goes in, what comes back, and how long at most.
 *
 * <p>Each serving member listens at {@code address + "/" + member}: a caller always knows which member holds its call,
 * and so learns at once when that member leaves.
 *
 * @param address ends in the version of the contract, for example {@code cache.lookup.v1}
 * @param timeout the most that a call may take, whatever budget the caller has left
 */
public record Endpoint<Q, R>(Role role, String address, Class<Q> request, Class<R> reply, Duration timeout) {
    public static <Q, R> Endpoint<Q, R> of(
            Role role, String address, Class<Q> request, Class<R> reply, Duration timeout) {
        return new Endpoint<>(role, address, request, reply, timeout);
    }

    String at(String member) {
        return address + "/" + member;
    }
}
