package dev.penstock.common.bus;

import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * Calls in flight by the member that holds them. Vert.x lets a call to a dead member run into its timeout; here it
 * fails when the member is known to be gone. Bounded by the calls in flight, which admission bounds.
 *
 * <p>Who made a call on a Vert.x context hears of its end there, also where the news comes from the thread of
 * membership.
 */
final class PendingCalls {
    private final Map<String, Set<Promise<?>>> byMember = new ConcurrentHashMap<>();
    private final Predicate<String> present;

    /** @param present whether a member is in the cluster; changes before {@link #failAll} is called for it */
    PendingCalls(Predicate<String> present) {
        this.present = present;
    }

    /** {@code reply}, or a fault as soon as {@code member} is gone. */
    <R> Future<R> track(String member, Future<R> reply) {
        ContextInternal caller = ContextInternal.current();
        Promise<R> promise = caller == null ? Promise.promise() : caller.promise();
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
        if (!present.test(member)) {
            // It left before this call was noted: nobody would fail it any more, nor forget the member.
            promise.tryFail(lost());
            failAll(member);
        }
        return promise.future();
    }

    void failAll(String member) {
        Set<Promise<?>> calls = byMember.remove(member);
        if (calls != null) {
            calls.forEach(call -> call.tryFail(lost()));
        }
    }

    /** Members that are remembered. */
    int members() {
        return byMember.size();
    }

    private static Fault lost() {
        return Fault.of(FaultCode.MEMBER_LOST, "The member that worked on this request left the cluster.");
    }
}
