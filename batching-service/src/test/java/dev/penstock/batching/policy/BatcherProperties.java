package dev.penstock.batching.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.common.contract.Priority;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Positive;

class BatcherProperties {
    private static final long MS = 1_000_000;
    private static final List<Priority> CLASSES = List.of(Priority.values());
    private static final ServiceTime COST = new ServiceTime(20 * MS, MS, 1, true);

    @Property(tries = 300)
    void everyItemLeavesExactlyOnceAndEveryBatchKeepsItsCaps(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 12) int maxItems,
            @ForAll @IntRange(min = 1, max = 40) int maxWeight,
            @ForAll @IntRange(min = 1, max = 30) int maxQueued) {
        Random random = new Random(seed);
        Batcher<Integer> batcher = new Batcher<>(new LaneLimits(maxItems, maxWeight, maxQueued));
        Map<Integer, Integer> weights = new HashMap<>();
        Map<Integer, FairQueue.Entry<Integer>> waiting = new HashMap<>();
        List<Integer> left = new ArrayList<>();
        int accepted = 0;
        long now = random.nextLong(); // also around the overflow of the ticker
        for (int step = 0; step < 400; step++) {
            now += random.nextLong(5 * MS);
            switch (random.nextInt(6)) {
                case 0, 1, 2 -> {
                    int weight = 1 + random.nextInt(20);
                    Priority priority = CLASSES.get(random.nextInt(4));
                    var entry = batcher.offer(
                            step, priority, "t" + random.nextInt(3), weight, now, now + random.nextLong(200 * MS));
                    assertThat(entry == null).isEqualTo(waiting.size() >= maxQueued);
                    if (entry != null) {
                        accepted++;
                        weights.put(step, weight);
                        waiting.put(step, entry);
                    }
                }
                case 3 -> {
                    if (!waiting.isEmpty()) {
                        int victim = waiting.keySet().iterator().next();
                        assertThat(batcher.cancel(waiting.get(victim))).isTrue();
                        assertThat(batcher.cancel(waiting.get(victim))).isFalse();
                        leave(List.of(victim), waiting, left);
                    }
                }
                case 4 -> leave(batcher.late(now, random.nextBoolean() ? COST : null), waiting, left);
                default -> {
                    BatchDecision<Integer> decision =
                            batcher.decide(now, random.nextInt(2), random.nextBoolean() ? COST : null);
                    switch (decision) {
                        case BatchDecision.Flush<Integer>(var items, var reason, var late) -> {
                            long weight = items.stream().mapToLong(weights::get).sum();
                            assertThat(items).isNotEmpty().hasSizeLessThanOrEqualTo(maxItems);
                            assertThat(items.size() == 1 || weight <= maxWeight).isTrue();
                            assertThat(reason == FlushReason.FULL || batcher.size() == 0)
                                    .isTrue();
                            leave(items, waiting, left);
                            leave(late, waiting, left);
                        }
                        case BatchDecision.Drop<Integer>(var late) -> leave(late, waiting, left);
                        case BatchDecision.Busy<Integer> b ->
                            assertThat(waiting).isNotEmpty();
                        case BatchDecision.Idle<Integer> i ->
                            assertThat(waiting).isEmpty();
                    }
                }
            }
            assertThat(batcher.size()).isEqualTo(waiting.size());
        }
        leave(batcher.drainAll(), waiting, left);
        assertThat(waiting).isEmpty();
        assertThat(left).hasSize(accepted).doesNotHaveDuplicates();
    }

    @Property(tries = 50)
    void nobodyStarves(@ForAll long seed) {
        Random random = new Random(seed);
        Batcher<String> batcher = new Batcher<>(new LaneLimits(4, 1_000, 100_000));
        long far = 3_600_000 * MS;
        long now = 0;
        batcher.offer("low", Priority.LOW, "quiet", 1, now, far);
        long served = -1;
        // Urgent work of a loud tenant fills every batch, twice over while the backlog grows.
        for (int round = 0; round < 5_000 && served < 0; round++) {
            for (int i = 0; i < 4; i++) {
                batcher.offer("urgent", CLASSES.get(random.nextInt(3)), "loud", 1, now, far);
            }
            if (batcher.decide(now, 1, null) instanceof BatchDecision.Flush<String> flush
                    && flush.items().contains("low")) {
                served = now;
            }
            now += MS;
        }
        assertThat(served)
                .as("served within its patience")
                .isBetween(0L, FairQueue.patienceNanos(Priority.LOW) + 10 * MS);
    }

    @Property(tries = 50)
    void tenantsTakeTurns(@ForAll @IntRange(min = 2, max = 8) int tenants, @ForAll @Positive int seed) {
        Batcher<String> batcher = new Batcher<>(new LaneLimits(tenants, 1_000, 10_000));
        for (int i = 0; i < 500; i++) {
            batcher.offer("t0", Priority.NORMAL, "t0", 1, i, Long.MAX_VALUE / 2);
        }
        for (int t = 1; t < tenants; t++) {
            batcher.offer("t" + t, Priority.NORMAL, "t" + t, 1, 1_000 + seed % 1_000, Long.MAX_VALUE / 2);
        }
        Set<String> first = new HashSet<>();
        if (batcher.decide(10_000, 1, null) instanceof BatchDecision.Flush<String> flush) {
            first.addAll(flush.items());
        }
        assertThat(first).as("one of each although t0 came first with 500").hasSize(tenants);
    }

    private static void leave(List<Integer> items, Map<Integer, FairQueue.Entry<Integer>> waiting, List<Integer> left) {
        for (Integer item : items) {
            assertThat(waiting.remove(item))
                    .as("item %s had not left before", item)
                    .isNotNull();
            left.add(item);
        }
    }
}
