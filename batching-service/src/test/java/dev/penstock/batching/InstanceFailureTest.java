package dev.penstock.batching;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.common.contract.BatchContract.Done;
import dev.penstock.common.contract.BatchContract.Refused;
import dev.penstock.common.contract.MonitorContract.Status;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.testkit.Await;
import dev.penstock.testkit.Reply;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class InstanceFailureTest {
    private BatchingHarness harness;

    @BeforeEach
    void open() {
        harness = new BatchingHarness(2, BatchingHarness.breakerAfter(3, Duration.ofMillis(300)));
    }

    @AfterEach
    void close() {
        harness.close();
    }

    @Test
    void trafficLeavesABrokenInstanceWithoutAnErrorAndComesBack() {
        harness.servers.get(0).answer(call -> Reply.error(500, "broken", "broken"));
        Await.until("the breaker opens", () -> {
            assertThat(BatchingHarness.only(harness.submit("text"))).isInstanceOf(Done.class);
            return harness.instance(0).state().equals("open");
        });
        int before = harness.servers.get(0).calls();
        for (int i = 0; i < 10; i++) {
            assertThat(((Done) BatchingHarness.only(harness.submit("text"))).attempts())
                    .isEqualTo(1);
        }
        assertThat(harness.servers.get(0).calls() - before)
                .as("at most a probe")
                .isLessThanOrEqualTo(1);

        harness.servers.get(0).answer(call -> Reply.sandbox());
        Await.until("real traffic closes it", () -> {
            Await.result(harness.submit("text"));
            return harness.instance(0).state().equals("closed");
        });
    }

    @Test
    void withoutAnyInstanceTheRefusalIsImmediateAndHonest() {
        harness.servers.forEach(server -> server.answer(call -> Reply.hangUp()));
        Await.until("both are cut off", () -> {
            harness.submit("text").onComplete(done -> {});
            return harness.instance(0).state().equals("open")
                    && harness.instance(1).state().equals("open");
        });

        long started = System.nanoTime();
        Fault fault = (Fault) Await.failure(harness.submit("text"));
        long took = System.nanoTime() - started;

        assertThat(fault.code()).isEqualTo(FaultCode.UNAVAILABLE);
        assertThat(fault.retryAfter()).isPositive().isLessThanOrEqualTo(Duration.ofMillis(300));
        assertThat(took).as("nanoseconds").isLessThan(100_000_000L);
        assertThat(harness.health.report().status()).isEqualTo(Status.DEGRADED);
        assertThat(((Fault) Await.failure(harness.lease("g", "l", Duration.ofSeconds(5)))).code())
                .isEqualTo(FaultCode.UNAVAILABLE);
    }

    @Test
    void aPoolThatMovedAwayWithOpenBreakersSaysNothingMoreAboutThem() {
        harness.servers.forEach(server -> server.answer(call -> Reply.hangUp()));
        Await.until("both are cut off", () -> {
            harness.submit("text").onComplete(done -> {});
            return harness.instance(0).state().equals("open")
                    && harness.instance(1).state().equals("open");
        });

        harness.membership.live = List.of("other");

        Await.until("the pool is forgotten", () -> harness.health.report().status() == Status.HEALTHY);
        // The breakers' own timers go off after 300 ms, with nobody to ask whether the instances are back.
        Await.result(harness.vertx.timer(700, TimeUnit.MILLISECONDS));
        assertThat(harness.health.report().status()).isEqualTo(Status.HEALTHY);
    }

    @Test
    void aThrottledInstanceGetsAPauseAndIsNotBlamed() {
        harness.servers.get(0).answer(call -> Reply.rateLimited(Duration.ofMillis(800)));
        Await.until("the first is asked and asks for a pause", () -> {
            assertThat(BatchingHarness.only(harness.submit("text"))).isInstanceOf(Done.class);
            return harness.servers.get(0).calls() == 1;
        });
        for (int i = 0; i < 10; i++) {
            assertThat(((Done) BatchingHarness.only(harness.submit("text"))).instance())
                    .isEqualTo("i1");
        }
        assertThat(harness.instance(0).failures()).isZero();
        assertThat(harness.servers.get(0).calls()).isEqualTo(1);
        harness.servers.get(0).answer(call -> Reply.sandbox());
        Await.until(
                "after the pause it works again",
                () -> ((Done) BatchingHarness.only(harness.submit("text")))
                        .instance()
                        .equals("i0"));
    }

    @Test
    void aShortPauseOfTheOnlyInstanceIsWaitedForALongOneIsNot() {
        harness.close();
        harness = new BatchingHarness(1, BatchingHarness.quick());
        harness.server().next(Reply.rateLimited(Duration.ofMillis(150)));
        assertThat(((Done) BatchingHarness.only(harness.submit("text"))).attempts())
                .isEqualTo(2);

        harness.server().next(Reply.rateLimited(Duration.ofSeconds(20)));
        Refused refused = (Refused) BatchingHarness.only(harness.submit("text"));
        assertThat(refused.code()).isEqualTo(FaultCode.OVERLOADED);
        assertThat(refused.retryAfterMillis()).isEqualTo(20_000);
        Fault fault = (Fault) Await.failure(harness.submit("text"));
        assertThat(fault.code()).isEqualTo(FaultCode.OVERLOADED);
        assertThat(fault.retryAfter()).isBetween(Duration.ofSeconds(18), Duration.ofSeconds(20));
    }

    @Test
    void aCallersShortBudgetDoesNotCutOffAHealthyInstance() {
        harness.servers.forEach(server -> server.answer(call -> Reply.sandbox().after(Duration.ofMillis(200))));
        for (int i = 0; i < 10; i++) {
            Await.failure(harness.submit("g", "s" + i, Duration.ofMillis(20), "text"));
        }
        assertThat(harness.pool().instances()).allSatisfy(instance -> {
            assertThat(instance.state()).isEqualTo("closed");
            assertThat(instance.failures()).isZero();
        });
    }

    @Test
    void anInstanceThatFailsEveryOtherCallIsCutOffAsWell() {
        AtomicInteger calls = new AtomicInteger();
        harness.servers
                .get(0)
                .answer(call -> calls.incrementAndGet() % 2 == 0 ? Reply.error(503, "busy", "busy") : Reply.sandbox());
        // The other one is slow, so that the bad one stays attractive.
        harness.servers.get(1).answer(call -> Reply.sandbox().after(Duration.ofMillis(30)));
        Await.until("it is cut off", () -> {
            Await.result(harness.submit("text"));
            return harness.instance(0).state().equals("open");
        });
        assertThat(harness.instance(1).state()).isEqualTo("closed");
    }

    @Test
    void aStalledInstanceDoesNotHoldACallThatAnotherCanAnswer() {
        for (int i = 0; i < 10; i++) {
            Await.result(harness.submit("warm up"));
        }
        harness.servers.get(0).answer(call -> Reply.stall());
        int before = harness.servers.get(0).calls();

        Await.until("the stalled one was asked", () -> {
            assertThat(BatchingHarness.only(harness.submit("text"))).isInstanceOf(Done.class);
            return harness.servers.get(0).calls() > before;
        });

        assertThat(harness.instance(0).failures()).isEqualTo(1);
        Await.until("the backend sees the hang-up", () -> harness.servers.get(0).hangUps() == 1);
    }
}
