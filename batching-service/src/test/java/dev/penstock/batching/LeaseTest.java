package dev.penstock.batching;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.common.contract.BatchContract;
import dev.penstock.common.contract.BatchContract.CallEnd;
import dev.penstock.common.contract.BatchContract.Cancel;
import dev.penstock.common.contract.BatchContract.Leased;
import dev.penstock.common.contract.BatchContract.Renew;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.testkit.Await;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LeaseTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    private final BatchingHarness harness = new BatchingHarness(2, 2, BatchingHarness.quick());

    @AfterEach
    void close() {
        harness.close();
    }

    @Test
    void leasesSpreadUpToTheCapThenWaitAndGetTheNextFreeSlot() {
        List<Leased> held = four();
        assertThat(held).extracting(Leased::instance).containsExactlyInAnyOrder("i0", "i0", "i1", "i1");
        Future<Leased> fifth = harness.lease("g", "fifth", LONG);
        Await.until("it waits", () -> harness.pool().queued() == 1);
        renew("g", held);
        assertThat(fifth.isComplete()).isFalse();

        harness.release(held.getFirst(), CallEnd.SUCCESS, 0);

        Leased granted = Await.result(fifth);
        assertThat(granted.instance()).isEqualTo(held.getFirst().instance());
        assertThat(granted.queueNanos()).isPositive();
        assertThat(granted.lease()).isNotEqualTo(held.getFirst().lease());
        assertThat(harness.pool().inFlight()).isEqualTo(4);
    }

    @Test
    void aLeaseThatIsNotRenewedTwiceLapses() {
        Leased renewed = Await.result(harness.lease("g", "kept", LONG));
        Leased forgotten = Await.result(harness.lease("g", "forgotten", LONG));
        assertThat(forgotten.renewEveryMillis()).isEqualTo(200);

        Await.until("one lapses", () -> {
            assertThat(renew("g", List.of(renewed))).isEmpty();
            return harness.pool().inFlight() == 1;
        });
        assertThat(renew("g", List.of(renewed, forgotten))).containsExactly(forgotten.lease());
        assertThat(renew("another gateway", List.of(renewed))).containsExactly(renewed.lease());
    }

    @Test
    void theLeasesOfADeadGatewayEnd() {
        Await.result(harness.lease("dead", "1", LONG));
        Await.result(harness.lease("alive", "2", LONG));

        harness.membership.leave.accept(Set.of("dead"));

        Await.until("one is left", () -> harness.pool().inFlight() == 1);
    }

    @Test
    void nobodyWaitsLongerThanTheCallerDoesAndACancelledOneNotAtAll() {
        four();
        Future<Leased> cancelled = harness.lease("g", "c", LONG);
        Future<Leased> impatient = harness.lease("g", "i", Duration.ofMillis(100));
        Await.until("both wait", () -> harness.pool().queued() == 2);

        Await.result(harness.bus.call(
                BatchContract.CANCEL,
                "me",
                new Cancel(BatchingHarness.MODEL, "g", "c"),
                BatchingHarness.context(LONG)));

        assertThat(((Fault) Await.failure(cancelled)).code()).isEqualTo(FaultCode.CANCELLED);
        assertThat(((Fault) Await.failure(impatient)).code()).isEqualTo(FaultCode.TIMEOUT);
        Await.until("nobody waits", () -> harness.pool().queued() == 0);
    }

    @Test
    void anExcludedInstanceIsTakenOnlyWhenThereIsNoOther() {
        assertThat(Await.result(harness.lease("g", "1", LONG, "i0")).instance()).isEqualTo("i1");
        assertThat(Await.result(harness.lease("g", "2", LONG, "i1")).instance()).isEqualTo("i0");
        assertThat(Await.result(harness.lease("g", "3", LONG, "i0", "i1")).instance())
                .isIn("i0", "i1");
    }

    @Test
    void failuresOpenTheBreakerThrottlingOnlyPauses() {
        for (int i = 0; i < 5; i++) {
            harness.release(Await.result(harness.lease("g", "f" + i, LONG, "i1")), CallEnd.FAILURE, 0);
        }
        Await.until("i0 is cut off", () -> harness.instance(0).state().equals("open"));
        assertThat(Await.result(harness.lease("g", "next", LONG)).instance()).isEqualTo("i1");

        harness.release(Await.result(harness.lease("g", "t", LONG)), CallEnd.THROTTLED, 10_000);
        assertThat(harness.instance(1).state()).isEqualTo("paused");
        Fault fault = (Fault) Await.failure(harness.lease("g", "none", LONG));
        assertThat(fault.code()).isEqualTo(FaultCode.UNAVAILABLE);
        assertThat(fault.retryAfter()).isLessThanOrEqualTo(Duration.ofMillis(300));
    }

    @Test
    void aReleaseOfAnUnknownLeaseStillCountsForTheInstance() {
        Await.result(harness.lease("g", "so that the pool is there", LONG));
        Leased foreign = new Leased(-1, BatchingHarness.MODEL, "i1", 0, 0);

        harness.release(foreign, CallEnd.FAILURE, 0);

        assertThat(harness.instance(1).failures()).isEqualTo(1);
        assertThat(harness.instance(1).inFlight()).isZero();
    }

    private List<Leased> four() {
        List<Leased> held = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            held.add(Await.result(harness.lease("g", "l" + i, LONG)));
        }
        return held;
    }

    private List<Long> renew(String gateway, List<Leased> leases) {
        Renew request = new Renew(gateway, leases.stream().map(Leased::lease).toList());
        return Await.result(harness.bus.call(BatchContract.RENEW, "me", request, BatchingHarness.context(LONG)))
                .unknown();
    }
}
