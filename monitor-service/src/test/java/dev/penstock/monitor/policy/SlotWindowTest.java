package dev.penstock.monitor.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class SlotWindowTest {
    private static final long T0 = 1_000_000_000L; // a multiple of the width
    private final SlotWindow window = new SlotWindow(SampleSlots.WIDTH, 60_000);

    @Test
    void countsOfAllProcessesAddUpPerSlot() {
        window.add(new SampleSlots().requests("2xx", 3).from("a", 1, T0), T0 + 5_100);
        window.add(new SampleSlots().requests("2xx", 4).from("b", 1, T0), T0 + 5_200);

        assertThat(requests(T0)).isEqualTo(7);
    }

    @Test
    void aSlotThatIsSentTwiceCountsOnce() {
        var samples = new SampleSlots().requests("2xx", 3).from("a", 1, T0);

        assertThat(window.add(samples, T0 + 5_100)).isTrue();
        assertThat(window.add(samples, T0 + 5_200)).isFalse();
        assertThat(requests(T0)).isEqualTo(3);
    }

    @Test
    void aLateSlotIsMergedWhereItBelongs() {
        window.add(new SampleSlots().requests("2xx", 1).from("a", 2, T0 + 5_000), T0 + 10_100);
        window.add(new SampleSlots().requests("2xx", 1).from("b", 1, T0), T0 + 14_000);

        assertThat(requests(T0)).isEqualTo(1);
    }

    @Test
    void slotsThatAreTooOldOrFromTheFutureAreRefused() {
        assertThat(window.add(new SampleSlots().from("a", 1, T0 - 70_000), T0)).isFalse();
        assertThat(window.add(new SampleSlots().from("b", 1, T0 + 20_000), T0)).isFalse();
    }

    @Test
    void aProcessWhoseClockIsWrongIsHeardAllTheSame() {
        window.add(new SampleSlots().from("fast", 1, T0 + 20_000), T0);

        assertThat(window.silentFor("fast", T0 + 1_000)).isEqualTo(1_000);
        assertThat(window.newest("fast")).isPresent();
        assertThat(window.all()).isEmpty();
    }

    @Test
    void aGapInTheNumberingIsCountedAndNeverFilled() {
        window.add(new SampleSlots().requests("2xx", 1).from("a", 1, T0), T0 + 5_100);
        window.add(new SampleSlots().requests("2xx", 1).from("a", 4, T0 + 15_000), T0 + 20_100);

        assertThat(window.lostSlots()).isEqualTo(2);
        assertThat(window.coverage(20_000, T0 + 20_100)).isEqualTo(0.5);
    }

    @Test
    void theRunningSlotIsNotPartOfAWindow() {
        window.add(new SampleSlots().requests("2xx", 1).from("a", 1, T0), T0 + 5_100);
        window.add(new SampleSlots().requests("2xx", 9).from("b", 1, T0 + 5_000), T0 + 5_100);

        assertThat(window.last(5_000, T0 + 6_000))
                .hasSize(1)
                .allSatisfy(slot -> assertThat(slot.startMillis()).isEqualTo(T0));
    }

    @Test
    void aSlotSurvivesItsStoredForm() {
        window.add(
                new SampleSlots()
                        .requests("5xx", 2)
                        .gauge("penstock_http_requests_in_flight", 4)
                        .durations(0.1, 0.2)
                        .from("a", 1, T0),
                T0 + 5_100);
        Slot slot = window.slot(T0).orElseThrow();

        Slot copy = SlotCodec.decode(SlotCodec.encode(slot));

        assertThat(copy.count("penstock_http_requests_total", l -> "5xx".equals(l.get("status_class"))))
                .isEqualTo(2);
        assertThat(copy.gauge("penstock_http_requests_in_flight")).isEqualTo(4);
        var sketch = dev.penstock.common.telemetry.Sketches.create();
        copy.collect("penstock_http_request_duration_seconds", l -> true, sketch);
        assertThat(sketch.getCount()).isEqualTo(2);
    }

    @Test
    void garbageInASketchIsRefusedAndCounted() {
        var slot = new Slot(T0);
        slot.add(new dev.penstock.common.contract.MonitorContract.Samples(
                "gateway",
                "a",
                1,
                T0,
                5_000,
                java.util.List.of(),
                java.util.List.of(),
                java.util.List.of(new dev.penstock.common.contract.MonitorContract.Sketch(
                        new dev.penstock.common.contract.MonitorContract.Series("x", Map.of()),
                        dev.penstock.common.unit.Bytes.of("nonsense"))),
                new dev.penstock.common.contract.MonitorContract.ProcessHealth(
                        dev.penstock.common.contract.MonitorContract.Status.HEALTHY, java.util.List.of(), "")));

        assertThat(slot.refused()).isEqualTo(1);
    }

    private long requests(long start) {
        return window.slot(start).orElseThrow().count("penstock_http_requests_total", l -> true);
    }
}
