package dev.penstock.batching;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.common.config.ModelConfig;
import dev.penstock.common.contract.BatchContract;
import dev.penstock.common.contract.BatchContract.Done;
import dev.penstock.common.contract.BatchContract.Item;
import dev.penstock.common.contract.BatchContract.Submit;
import dev.penstock.common.contract.BatchContract.SubmitReply;
import dev.penstock.common.contract.Operation;
import dev.penstock.common.contract.Priority;
import dev.penstock.common.unit.Bytes;
import dev.penstock.sandbox.Behaviour;
import dev.penstock.testkit.Await;
import dev.penstock.testkit.Reply;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LaneTest {
    private final BatchingHarness harness = new BatchingHarness(1, BatchingHarness.quick());

    @AfterEach
    void close() {
        harness.close();
    }

    @Test
    void itemsWithDifferentParametersNeverShareACall() {
        harness.server().answer(call -> Reply.sandbox().after(Duration.ofMillis(30)));
        List<Future<SubmitReply>> replies = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            replies.add(submit("{\"dimensions\":" + (i % 2 == 0 ? 64 : 128) + "}", Priority.NORMAL, "text " + i));
        }
        for (int i = 0; i < 20; i++) {
            Done done = (Done) BatchingHarness.only(replies.get(i));
            assertThat(done.value().size()).isEqualTo(4 * (i % 2 == 0 ? 64 : 128));
        }
        assertThat(harness.server().calls()).isLessThanOrEqualTo(4);
    }

    @Test
    void aModelsOwnBatchSizeWinsOverTheSharedOne() {
        ModelConfig large =
                new ModelConfig("m", List.of(Operation.EMBEDDINGS), "test", List.of(), Duration.ofSeconds(1), 64, "");

        assertThat(BatchingHarness.quick().maxItems()).isEqualTo(32);
        assertThat(Lanes.limits(large, BatchingHarness.quick()).maxItems()).isEqualTo(64);
    }

    @Test
    void urgentItemsOvertakeThoseThatWait() {
        harness.server().answer(call -> Reply.sandbox().after(Duration.ofMillis(50)));
        Future<SubmitReply> busy = submit("{}", Priority.NORMAL, "busy");
        Await.until("the slot is busy", () -> harness.server().calls() == 1);
        List<Future<SubmitReply>> low = IntStream.range(0, 64)
                .mapToObj(i -> submit("{}", Priority.LOW, "low " + i))
                .toList();
        Future<SubmitReply> critical = submit("{}", Priority.CRITICAL, "critical");

        Await.result(critical);

        assertThat(busy.isComplete()).isTrue();
        assertThat(low.stream().filter(Future::isComplete).count()).isLessThanOrEqualTo(32);
        assertThat(harness.server().received().get(1).body()).contains("\"critical\"");
        low.forEach(Await::result);
    }

    @Test
    void anIdleLaneAddsNoWait() {
        for (int i = 0; i < 300; i++) {
            Await.result(harness.submit("warm up"));
        }
        long[] waits = IntStream.range(0, 300)
                .mapToLong(i -> ((Done) BatchingHarness.only(harness.submit("text"))).queueNanos())
                .sorted()
                .toArray();

        assertThat(waits[150]).as("median nanoseconds").isLessThan(200_000);
    }

    @Test
    void underLoadTheOnlySlotIsKeptBusyWithFullBatches() {
        harness.server().behave(Behaviour.INSTANT.withServiceTime(20, 1));
        Load load = new Load();
        for (int i = 0; i < 80; i++) {
            load.next();
        }
        Await.until("it is warm", () -> load.answered.get() >= 300);
        long started = System.nanoTime();
        int before = load.answered.get();
        double busyBefore = load.upstreamNanos.sum();
        Await.until("600 more answers", () -> load.answered.get() - before >= 600);
        double elapsed = System.nanoTime() - started;
        double busy = load.upstreamNanos.sum() - busyBefore;
        load.stopped = true;

        BatchContract.Pool pool = harness.pool();
        assertThat((double) pool.items() / pool.calls()).as("mean batch").isGreaterThan(26);
        assertThat(busy / elapsed).as("share of time with a call in flight").isGreaterThan(0.85);
    }

    /** Callers that ask again as soon as they are answered. */
    private final class Load {
        private final AtomicInteger answered = new AtomicInteger();
        private final DoubleAdder upstreamNanos = new DoubleAdder();
        private volatile boolean stopped;

        private void next() {
            harness.submit("text " + answered.get()).onSuccess(reply -> {
                if (!stopped && reply.results().getFirst() instanceof Done done) {
                    answered.incrementAndGet();
                    upstreamNanos.add((double) done.upstreamNanos() / done.batchSize());
                    next();
                }
            });
        }
    }

    private Future<SubmitReply> submit(String params, Priority priority, String text) {
        Submit request = new Submit(
                BatchingHarness.MODEL,
                Operation.EMBEDDINGS,
                Bytes.of(params),
                "tenant",
                priority,
                text,
                List.of(new Item(Bytes.of("\"" + text + "\""), 2)),
                "gateway",
                text);
        return harness.bus.callOwner(
                BatchContract.SUBMIT, BatchingHarness.MODEL, request, BatchingHarness.context(Duration.ofSeconds(20)));
    }
}
