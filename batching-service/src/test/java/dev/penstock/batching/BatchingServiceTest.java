package dev.penstock.batching;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.common.contract.BatchContract;
import dev.penstock.common.contract.BatchContract.Cancel;
import dev.penstock.common.contract.BatchContract.Done;
import dev.penstock.common.contract.BatchContract.ItemResult;
import dev.penstock.common.contract.BatchContract.Refused;
import dev.penstock.common.contract.BatchContract.SubmitReply;
import dev.penstock.common.contract.Operation;
import dev.penstock.common.contract.Priority;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.unit.Bytes;
import dev.penstock.sandbox.Behaviour;
import dev.penstock.testkit.Await;
import dev.penstock.testkit.Reply;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BatchingServiceTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    private final BatchingHarness harness = new BatchingHarness(1, BatchingHarness.quick());

    @AfterEach
    void close() {
        harness.close();
    }

    @Test
    void manyCallersShareFewCallsAndEachGetsItsOwnVector() {
        harness.server().behave(Behaviour.INSTANT.withServiceTime(20, 1));
        List<Future<SubmitReply>> replies = IntStream.range(0, 64)
                .mapToObj(i -> harness.submit("text number " + i))
                .toList();
        Set<Bytes> vectors = new HashSet<>();
        List<Bytes> merged = new ArrayList<>();
        for (Future<SubmitReply> reply : replies) {
            Done done = (Done) BatchingHarness.only(reply);
            vectors.add(done.value());
            merged.add(done.value());
            assertThat(done.instance()).isEqualTo("i0");
            assertThat(done.attempts()).isEqualTo(1);
        }

        assertThat(harness.server().calls()).isLessThanOrEqualTo(4);
        assertThat(vectors).hasSize(64);
        Done alone = (Done) BatchingHarness.only(harness.submit("text number 17"));
        assertThat(alone.batchSize()).isEqualTo(1);
        assertThat(alone.value()).as("the same vector alone and merged").isEqualTo(merged.get(17));
    }

    @Test
    void theTokensOfACallAddUp() {
        harness.server().answer(call -> {
            JsonArray data = new JsonArray();
            for (int i = 0; i < call.json().getJsonArray("input").size(); i++) {
                data.add(new JsonObject().put("index", i).put("embedding", new JsonArray().add(i)));
            }
            return Reply.json(
                    200,
                    new JsonObject()
                            .put("data", data)
                            .put("model", "real-name")
                            .put("usage", new JsonObject().put("prompt_tokens", 100)));
        });

        SubmitReply reply = Await.result(harness.submit("short", "much, much longer than the first", "middle of both"));

        assertThat(reply.results())
                .allSatisfy(result -> assertThat(((Done) result).model()).isEqualTo("real-name"));
        assertThat(reply.results().stream()
                        .mapToLong(result -> ((Done) result).tokens())
                        .sum())
                .isEqualTo(100);
    }

    @Test
    void oneBadItemFailsAlone() {
        harness.server().poison("poison");
        String[] texts = IntStream.range(0, 20)
                .mapToObj(i -> i == 13 ? "poison" : "text " + i)
                .toArray(String[]::new);

        List<ItemResult> results = Await.result(harness.submit(texts)).results();

        for (int i = 0; i < texts.length; i++) {
            if (i == 13) {
                Refused refused = (Refused) results.get(i);
                assertThat(refused.code()).isEqualTo(FaultCode.UPSTREAM_REJECTED);
                assertThat(refused.status()).isEqualTo(400);
                assertThat(refused.message()).contains("The input contains poison");
            } else {
                assertThat(results.get(i)).isInstanceOf(Done.class);
            }
        }
        assertThat(harness.server().calls()).as("1 + 2 per level").isLessThanOrEqualTo(11);
        assertThat(harness.instance(0).state()).isEqualTo("closed");
    }

    @Test
    void anAnswerOfTheWrongShapeIsAnUpstreamErrorAndRetried() {
        Reply garbage = Reply.json(200, new JsonObject().put("data", new JsonArray()));
        harness.server().next(garbage);
        assertThat(((Done) BatchingHarness.only(harness.submit("once"))).attempts())
                .isEqualTo(2);

        harness.server().next(garbage, garbage, garbage);
        Refused refused = (Refused) BatchingHarness.only(harness.submit("always"));
        assertThat(refused.code()).isEqualTo(FaultCode.UPSTREAM_ERROR);
        assertThat(refused.message()).contains("0 embeddings for 1 inputs");
    }

    @Test
    void wrongCredentialsAreNotRetriedAndSaidPlainly() {
        harness.server().answer(call -> Reply.error(401, "invalid_api_key", "no"));

        Refused refused = (Refused) BatchingHarness.only(harness.submit("text"));

        assertThat(refused.status()).isEqualTo(502);
        assertThat(refused.message()).contains("401").contains("api-key");
        assertThat(harness.server().calls()).isEqualTo(1);
        assertThat(harness.instance(0).failures()).isEqualTo(1);
    }

    @Test
    void aFullQueueRefusesAtOnceWithTheTimeToComeBack() {
        harness.server().answer(call -> Reply.stall());
        Future<SubmitReply> first = harness.submit("in flight");
        Await.until("the call is under way", () -> harness.server().calls() == 1);
        List<Future<SubmitReply>> waiting =
                IntStream.range(0, 10).mapToObj(i -> harness.submit(texts(10))).toList();

        Fault fault = (Fault) Await.failure(harness.submit("one too many"));

        assertThat(fault.code()).isEqualTo(FaultCode.OVERLOADED);
        assertThat(fault.retryAfter()).isPositive();
        assertThat(harness.pool().queued()).isEqualTo(100);
        assertThat(first.isComplete()).isFalse();
        assertThat(waiting).noneMatch(Future::isComplete);
    }

    @Test
    void workThatWouldComeTooLateIsRefusedBeforeItCostsACall() {
        harness.server().behave(Behaviour.INSTANT.withServiceTime(100, 1));
        for (int i = 0; i < 4; i++) {
            Await.result(harness.submit(texts(1 + i)));
        }
        int before = harness.server().calls();
        Future<SubmitReply> busy = harness.submit(texts(3));
        Await.until("the slot is busy", () -> harness.server().calls() == before + 1);

        Future<SubmitReply> atOnce = harness.submit("g", "x", Duration.ofMillis(40), "hopeless from the start");
        Future<SubmitReply> later = harness.submit("g", "y", Duration.ofMillis(160), "hopeless after a while");

        assertThat(((Fault) Await.failure(atOnce)).code()).isEqualTo(FaultCode.OVERLOADED);
        Refused refused = (Refused) BatchingHarness.only(later);
        assertThat(refused.code()).isEqualTo(FaultCode.OVERLOADED);
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.retryAfterMillis()).isPositive();
        Await.result(busy);
        assertThat(harness.server().calls()).isEqualTo(before + 1);
    }

    @Test
    void aCancelledCallerIsTakenOutOfTheQueueAndTheCallStopsWhenNobodyIsLeft() {
        harness.server().answer(call -> Reply.stall());
        Future<SubmitReply> inFlight = harness.submit("g", "flying", LONG, "a");
        Await.until("the call is under way", () -> harness.server().calls() == 1);
        Future<SubmitReply> waiting = harness.submit("g", "waiting", LONG, "b", "c");
        Await.until("both wait", () -> harness.pool().queued() == 2);

        cancel("waiting");
        assertThat(((Fault) Await.failure(waiting)).code()).isEqualTo(FaultCode.CANCELLED);
        assertThat(harness.pool().queued()).isZero();

        cancel("flying");
        assertThat(((Fault) Await.failure(inFlight)).code()).isEqualTo(FaultCode.CANCELLED);
        Await.until("the backend sees it", () -> harness.server().hangUps() == 1);
        Await.until("the slot is free", () -> harness.pool().inFlight() == 0);
        assertThat(harness.instance(0).failures()).isZero();
    }

    @Test
    void whatADeadGatewayAskedForIsDropped() {
        harness.server().answer(call -> Reply.stall());
        var other = harness.submit("alive", "1", LONG, "a");
        Await.until("the call is under way", () -> harness.server().calls() == 1);
        Future<SubmitReply> orphan = harness.submit("dead", "2", LONG, "b");
        Await.until("it waits", () -> harness.pool().queued() == 1);

        harness.membership.leave.accept(Set.of("dead"));

        assertThat(((Fault) Await.failure(orphan)).code()).isEqualTo(FaultCode.CANCELLED);
        assertThat(harness.pool().queued()).isZero();
        assertThat(other.isComplete()).isFalse();
    }

    @Test
    void aMemberThatLostThePoolSaysSoAndFinishesWhatItHas() {
        harness.server().answer(call -> Reply.sandbox().after(Duration.ofMillis(100)));
        Future<SubmitReply> accepted = harness.submit("before");
        Await.until("the call is under way", () -> harness.server().calls() == 1);

        harness.membership.live = List.of("somebody else");
        Future<SubmitReply> after = harness.bus.call(
                BatchContract.SUBMIT,
                "me",
                new BatchContract.Submit(
                        BatchingHarness.MODEL,
                        Operation.EMBEDDINGS,
                        Bytes.EMPTY,
                        "t",
                        Priority.NORMAL,
                        "c",
                        List.of(),
                        "g",
                        "s"),
                BatchingHarness.context(LONG));

        Fault fault = (Fault) Await.failure(after);
        assertThat(fault.code()).isEqualTo(FaultCode.MEMBER_LOST);
        assertThat(fault.retryable()).isTrue();
        assertThat(BatchingHarness.only(accepted)).isInstanceOf(Done.class);
    }

    @Test
    void drainWaitsForWhatIsAcceptedAndRefusesTheRest() {
        harness.server().answer(call -> Reply.sandbox().after(Duration.ofMillis(100)));
        Future<SubmitReply> accepted = harness.submit("before");
        Await.until("the call is under way", () -> harness.server().calls() == 1);

        Future<Void> drained = harness.service.drain();
        assertThat(((Fault) Await.failure(harness.submit("after"))).code()).isEqualTo(FaultCode.MEMBER_LOST);

        Await.result(drained);
        assertThat(BatchingHarness.only(accepted)).isInstanceOf(Done.class);
    }

    @Test
    void metricsCountCallsAndItems() {
        Await.result(harness.submit(texts(7)));

        String scrape = harness.telemetry.scrape();
        assertThat(scrape).contains("penstock_batch_items_total{model=\"embed\"} 7");
        assertThat(scrape).contains("penstock_batch_calls_total{model=\"embed\",outcome=\"ok\"} 1");
        assertThat(scrape).contains("penstock_instance_open{instance=\"i0\",model=\"embed\"} 0");
        BatchContract.Pool pool = harness.pool();
        assertThat(pool.calls()).isEqualTo(1);
        assertThat(pool.items()).isEqualTo(7);
        assertThat(pool.sizes()).containsExactly(new long[] {7, 1});
    }

    private void cancel(String submission) {
        Await.result(harness.bus.call(
                BatchContract.CANCEL,
                "me",
                new Cancel(BatchingHarness.MODEL, "g", submission),
                BatchingHarness.context(LONG)));
    }

    private static String[] texts(int n) {
        String[] texts = new String[n];
        Arrays.setAll(texts, i -> "text " + i);
        return texts;
    }
}
