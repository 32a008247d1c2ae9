package dev.penstock.gateway.ops;

import dev.penstock.common.bus.CallContext;
import dev.penstock.common.bus.Endpoint;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.service.ServiceContext;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Asks every live member of a role the same thing. */
final class Members {
    private static final Duration BUDGET = Duration.ofSeconds(2);

    private Members() {}

    /** @param silent members that did not answer in time */
    record Replies<R>(List<R> answers, List<String> silent) {}

    /** Fails with {@code UNAVAILABLE} where nobody plays the role; else waits for all, but not long. */
    static <Q, R> Future<Replies<R>> ask(ServiceContext context, Endpoint<Q, R> endpoint, Q request, CallContext call) {
        List<String> members = context.membership().live(endpoint.role());
        if (members.isEmpty()) {
            return Future.failedFuture(Fault.retryLater(
                    FaultCode.UNAVAILABLE,
                    "No " + endpoint.role().label() + " service is up; one is expected back within seconds.",
                    Duration.ofSeconds(1)));
        }
        CallContext brief = call.within(context.ticker().nanos(), BUDGET);
        List<Future<R>> replies = members.stream()
                .map(member -> context.bus().call(endpoint, member, request, brief))
                .toList();
        return Future.join(replies).transform(joined -> Future.succeededFuture(collect(members, replies)));
    }

    private static <R> Replies<R> collect(List<String> members, List<Future<R>> replies) {
        List<R> answers = new ArrayList<>();
        List<String> silent = new ArrayList<>();
        for (int i = 0; i < members.size(); i++) {
            if (replies.get(i).succeeded()) {
                answers.add(replies.get(i).result());
            } else {
                silent.add(members.get(i));
            }
        }
        return new Replies<>(answers, silent);
    }
}
