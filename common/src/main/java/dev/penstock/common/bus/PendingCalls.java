package dev.penstock.common.bus;

import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Calls in flight by the member that holds them. Vert.x lets a call to a dead member run into its timeout; here it
 * fails when the member is known to be gone. Bounded by the calls in flight, which admission bounds.
 */
final class PendingCalls {
    private final Map<String, Set<Promise<?>>> byMember = new ConcurrentHashMap<>();

    /** {@code reply}, or a fault as soon as {@code member} is gone. */
    <R> Future<R> track(String member, String address, Future<R> reply) {
        Promise<R> promise = Promise.promise();
        Set<Promise<?>> calls = byMember.computeIfAbsent(member, m -> ConcurrentHashMap.newKeySet());
        calls.add(promise);
        reply.onComplete(result -> {
            calls.remove(promise);
            if (result.succeeded()) {
                promise.tryComplete(result.result());
            } else {
                promise.tryFail(result.cause());
            }
        });
        return promise.future();
    }

    void failAll(String member) {
        Set<Promise<?>> calls = byMember.remove(member);
        if (calls != null) {
            calls.forEach(call -> call.tryFail(
                    Fault.of(FaultCode.MEMBER_LOST, "The member that worked on this request left the cluster.")));
        }
    }
}
