package dev.penstock.batching;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.common.config.Changed;
import dev.penstock.common.config.InstanceConfig;
import dev.penstock.common.config.ModelConfig;
import dev.penstock.common.contract.BatchContract.CallEnd;
import dev.penstock.common.contract.BatchContract.Done;
import dev.penstock.common.contract.BatchContract.Leased;
import dev.penstock.common.contract.BatchContract.Refused;
import dev.penstock.common.contract.BatchContract.SubmitReply;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.unit.Secret;
import dev.penstock.testkit.Await;
import dev.penstock.testkit.Reply;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Pools that have work go over to another configuration. */
class BatchingReloadTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    private final BatchingHarness harness = new BatchingHarness(2, 1, BatchingHarness.quick());

    @AfterEach
    void close() {
        harness.close();
    }

    @Test
    void whatWaitsForAModelThatIsGoneIsRefusedAndWhatIsInFlightEnds() {
        harness.servers.forEach(server -> server.answer(call -> Reply.sandbox().after(Duration.ofMillis(800))));
        List<Future<SubmitReply>> flying = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            int busy = i + 1;
            flying.add(harness.submit("flies " + i));
            Await.until("an instance is busy", () -> calls() == busy);
        }
        Future<SubmitReply> waiting = harness.submit("waits");
        Await.until("it waits", () -> harness.pool().queued() == 1);

        harness.reload(config -> Changed.with(config, "models", List.of()));

        assertThat(BatchingHarness.only(waiting))
                .isInstanceOfSatisfying(
                        Refused.class, refused -> assertThat(refused.code()).isEqualTo(FaultCode.MODEL_NOT_FOUND));
        flying.forEach(reply -> assertThat(BatchingHarness.only(reply)).isInstanceOf(Done.class));
        Future<SubmitReply> late = harness.submit("comes too late");
        Await.until("it is answered", late::isComplete);
        assertThat(late.cause())
                .isInstanceOfSatisfying(
                        Fault.class, fault -> assertThat(fault.code()).isEqualTo(FaultCode.MODEL_NOT_FOUND));
    }

    @Test
    void anInstanceThatStaysKeepsWhatWasLearnedOfItAndOneThatGoesGetsNothingNew() {
        Leased first = Await.result(harness.lease("g", "l1", LONG));
        Leased second = Await.result(harness.lease("g", "l2", LONG));
        harness.release(first, CallEnd.SUCCESS, 0);
        harness.release(second, CallEnd.SUCCESS, 0);
        Await.until(
                "both have learned",
                () -> harness.pool().instances().stream().allMatch(instance -> instance.calls() == 1));
        Leased held = Await.result(harness.lease("g", "l3", LONG, "i1"));
        assertThat(held.instance()).isEqualTo("i0");

        ModelConfig model = harness.live.config().models().getFirst();
        InstanceConfig kept = Changed.with(model.instances().get(1), "maxConcurrency", 2);
        InstanceConfig added = new InstanceConfig("i2", harness.server().baseUrl(), new Secret(""), "", 1, 1);
        harness.reload(config -> BatchingHarness.withInstances(config, List.of(added, kept)));

        Await.until("the pool has gone over", () -> harness.instance(0).name().equals("i2"));
        assertThat(harness.instance(0).calls()).isZero();
        assertThat(harness.instance(1).name()).isEqualTo("i1");
        assertThat(harness.instance(1).calls()).isEqualTo(1);
        List<String> granted = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            granted.add(Await.result(harness.lease("g", "n" + i, LONG)).instance());
        }
        assertThat(granted).containsExactlyInAnyOrder("i1", "i1", "i2");
        harness.release(held, CallEnd.SUCCESS, 0); // of an instance that is gone: does no harm
        assertThat(harness.pool().instances()).hasSize(2);
    }

    @Test
    void aSmallerBatchHoldsForWhatWaitsAlready() {
        harness.servers.forEach(server -> server.answer(call -> Reply.sandbox().after(Duration.ofMillis(400))));
        List<Future<SubmitReply>> all = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            int busy = i + 1;
            all.add(harness.submit("busy " + i));
            Await.until("an instance is busy", () -> calls() == busy);
        }
        for (int i = 0; i < 6; i++) {
            all.add(harness.submit("waits " + i));
        }
        Await.until("they wait", () -> harness.pool().queued() == 6);

        harness.reload(config -> Changed.with(config, "batching", Changed.with(config.batching(), "maxItems", 2)));

        all.forEach(reply -> assertThat(BatchingHarness.only(reply)).isInstanceOf(Done.class));
        assertThat(calls()).isEqualTo(5);
    }

    private int calls() {
        return harness.servers.stream().mapToInt(server -> server.calls()).sum();
    }
}
