package dev.penstock.batching;

import dev.penstock.common.contract.BatchContract.ItemResult;
import dev.penstock.common.contract.BatchContract.Submit;
import dev.penstock.common.contract.BatchContract.SubmitReply;
import dev.penstock.common.fault.Fault;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The items of one SUBMIT: answered when the last one is settled. Lives on the pool's event loop. */
final class Submission {
    final String correlationId;
    final long deadlineNanos;
    final List<Ticket> tickets;
    private final Promise<SubmitReply> promise = Promise.promise();
    private final ItemResult[] results;
    private int open;

    Submission(Submit request, long nowNanos, long deadlineNanos) {
        this.correlationId = request.correlationId();
        this.deadlineNanos = deadlineNanos;
        this.results = new ItemResult[request.items().size()];
        this.open = results.length;
        this.tickets = new ArrayList<>(results.length);
        for (int i = 0; i < results.length; i++) {
            tickets.add(new Ticket(this, request.items().get(i), i, nowNanos));
        }
        if (open == 0) {
            promise.complete(new SubmitReply(List.of()));
        }
    }

    Future<SubmitReply> reply() {
        return promise.future();
    }

    void settled(int index, ItemResult result) {
        results[index] = result;
        if (--open == 0) {
            promise.tryComplete(new SubmitReply(Arrays.asList(results)));
        }
    }

    /** Answers the whole at once; the tickets must be abandoned by the caller. */
    void fail(Fault fault) {
        promise.tryFail(fault);
    }
}
