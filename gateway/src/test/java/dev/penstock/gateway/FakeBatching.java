package dev.penstock.gateway;

import dev.penstock.common.contract.Ack;
import dev.penstock.common.contract.BatchContract;
import dev.penstock.common.contract.BatchContract.Done;
import dev.penstock.common.contract.BatchContract.ItemResult;
import dev.penstock.common.contract.BatchContract.Leased;
import dev.penstock.common.contract.BatchContract.Refused;
import dev.penstock.common.contract.BatchContract.Renewed;
import dev.penstock.common.contract.BatchContract.SubmitReply;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.service.Role;
import dev.penstock.common.unit.Bytes;
import dev.penstock.testkit.Await;
import dev.penstock.testkit.ServiceHarness;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/** A batching-service in a few lines: answers items with a vector of their text, grants leases in order. */
final class FakeBatching {
    final List<BatchContract.Submit> submits = new CopyOnWriteArrayList<>();
    final List<BatchContract.Lease> leases = new CopyOnWriteArrayList<>();
    final List<BatchContract.Release> releases = new CopyOnWriteArrayList<>();
    final List<BatchContract.Renew> renews = new CopyOnWriteArrayList<>();
    final List<BatchContract.Cancel> cancels = new CopyOnWriteArrayList<>();
    /** While set, submissions wait for it. */
    volatile Promise<Void> gate;

    private final Map<String, Promise<SubmitReply>> held = new ConcurrentHashMap<>();
    private final List<String> instances;
    private final AtomicLong next = new AtomicLong();

    FakeBatching(ServiceHarness harness, List<String> instances) {
        this.instances = instances;
        var bus = harness.bus();
        Await.result(bus.serve(BatchContract.SUBMIT, (submit, call) -> {
            submits.add(submit);
            if (instances.isEmpty()) {
                return Future.failedFuture(Fault.of(FaultCode.UNAVAILABLE, "No instance is available."));
            }
            SubmitReply reply =
                    new SubmitReply(submit.items().stream().map(this::result).toList());
            Promise<Void> shut = gate;
            if (shut == null) {
                return Future.succeededFuture(reply);
            }
            Promise<SubmitReply> answer = Promise.promise();
            held.put(submit.submission(), answer);
            shut.future().onSuccess(open -> answer.tryComplete(reply));
            return answer.future();
        }));
        Await.result(bus.serve(BatchContract.LEASE, (lease, call) -> {
            leases.add(lease);
            return instances.stream()
                    .filter(name -> !lease.exclude().contains(name))
                    .findFirst()
                    .map(name ->
                            Future.succeededFuture(new Leased(next.incrementAndGet(), lease.model(), name, 1000, 100)))
                    .orElseGet(() -> Future.failedFuture(Fault.of(FaultCode.UNAVAILABLE, "No instance is left.")));
        }));
        Await.result(bus.serve(BatchContract.RELEASE, (release, call) -> {
            releases.add(release);
            return Future.succeededFuture(Ack.OK);
        }));
        Await.result(bus.serve(BatchContract.RENEW, (renew, call) -> {
            renews.add(renew);
            return Future.succeededFuture(new Renewed(List.of()));
        }));
        Await.result(bus.serve(BatchContract.CANCEL, (cancel, call) -> {
            cancels.add(cancel);
            Promise<SubmitReply> waiting = held.remove(cancel.submission());
            if (waiting != null) {
                waiting.tryFail(Fault.of(FaultCode.CANCELLED, "Taken back."));
            }
            return Future.succeededFuture(Ack.OK);
        }));
        harness.context().membership().announce(Role.BATCHING);
    }

    int items() {
        return submits.stream().mapToInt(submit -> submit.items().size()).sum();
    }

    /** The vector that an input gets: its length and its hash. */
    static float[] vector(String json) {
        return new float[] {json.length(), json.hashCode() % 1000};
    }

    private ItemResult result(BatchContract.Item item) {
        String json = item.json().utf8();
        if (json.contains("poison")) {
            return new Refused(FaultCode.UPSTREAM_REJECTED, 400, "The model refused this input.", 0);
        }
        float[] vector = vector(json);
        ByteBuffer bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putFloat(vector[0]).putFloat(vector[1]);
        return new Done(Bytes.of(bytes.array()), 3, "backend-embed", instances.getFirst(), 7, 1, 1_000_000, 2_000_000);
    }
}
