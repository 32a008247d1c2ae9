package dev.penstock.monitor.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FiguresTest {
    private static final long T0 = 1_000_000_000L;

    @Test
    void percentilesOfTwentyProcessesAreMergedAndWithinHalfAPercent() {
        List<Slot> slots = new ArrayList<>();
        Slot slot = new Slot(T0);
        for (int process = 0; process < 20; process++) {
            double[] durations = new double[50];
            for (int i = 0; i < 50; i++) {
                durations[i] = (process * 50 + i + 1) / 1000.0; // together 1 ms to 1000 ms
            }
            slot.add(new SampleSlots().requests("2xx", 50).durations(durations).from("p" + process, 1, T0));
        }
        slots.add(slot);

        var total = new Figures(slots, 5).total();

        assertThat(total.requests()).isEqualTo(1_000);
        assertThat(total.requestsPerSecond()).isEqualTo(200);
        assertThat(total.p50Millis()).isCloseTo(500, within(3.0));
        assertThat(total.p95Millis()).isCloseTo(950, within(6.0));
        assertThat(total.p99Millis()).isCloseTo(990, within(6.0));
    }

    @Test
    void whatWasNotMeasuredIsNullAndNeverZero() {
        var figures = new Figures(List.of(), 5);

        assertThat(figures.total().p95Millis()).isNull();
        assertThat(figures.cache().hitRatio()).isNull();
        assertThat(figures.batching().meanSize()).isNull();
    }

    @Test
    void onlyServerErrorsAreErrors() {
        var slot = slot(new SampleSlots().requests("2xx", 90).requests("429", 5).requests("5xx", 5));

        assertThat(new Figures(List.of(slot), 5).total().errorRatio()).isEqualTo(0.05);
    }

    @Test
    void cacheFiguresCountByTier() {
        var slot = slot(new SampleSlots()
                .count("penstock_cache_lookups_total", 6, Map.of("tier", "l1", "result", "hit", "type", "completion"))
                .count("penstock_cache_lookups_total", 3, Map.of("tier", "l2", "result", "hit", "type", "embedding"))
                .count(
                        "penstock_cache_lookups_total",
                        1,
                        Map.of("tier", "none", "result", "miss", "type", "embedding")));

        var cache = new Figures(List.of(slot), 5).cache();

        assertThat(cache.l1()).isEqualTo(6);
        assertThat(cache.l2()).isEqualTo(3);
        assertThat(cache.item()).isEqualTo(3);
        assertThat(cache.hitRatio()).isEqualTo(0.9);
    }

    @Test
    void batchSizesComeBackAsWholeNumbers() {
        var slot = slot(new SampleSlots()
                .sketch("penstock_batch_size", Map.of("model", "m"), 1, 32, 32, 17)
                .count("penstock_batch_calls_total", 4, Map.of("model", "m", "outcome", "success"))
                .count("penstock_batch_items_total", 82, Map.of("model", "m")));

        var batching = new Figures(List.of(slot), 5).batching();

        assertThat(batching.sizes()).containsExactly(new long[] {1, 1}, new long[] {17, 1}, new long[] {32, 2});
        assertThat(batching.maxSize()).isEqualTo(32);
    }

    private static Slot slot(SampleSlots samples) {
        Slot slot = new Slot(T0);
        slot.add(samples.from("a", 1, T0));
        return slot;
    }
}
