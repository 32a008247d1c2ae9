package dev.penstock.common.pool.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.penstock.common.config.ConfigLoader;
import dev.penstock.common.config.PoolConfig;
import dev.penstock.common.pool.policy.Roster.Ask;
import dev.penstock.common.pool.policy.Roster.Grant;
import dev.penstock.common.pool.policy.Roster.Seat;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.jspecify.annotations.Nullable;

class RosterProperties {
    private static final long MS = 1_000_000;

    @Property(tries = 200)
    void weighted_everyWholeRound_givesEachExactlyItsWeight(
            @ForAll @Size(min = 1, max = 6) List<@IntRange(min = 1, max = 9) Integer> weights,
            @ForAll @IntRange(min = 1, max = 5) int rounds) {
        Roster roster = roster("balancing: weighted");
        roster.members(seats(weights), 0);
        int total = weights.stream().mapToInt(Integer::intValue).sum();
        Map<String, Integer> counts = sequential(roster, Ask.ANY, rounds * total);
        for (int i = 0; i < weights.size(); i++) {
            assertThat(counts.get("n" + i)).isEqualTo(weights.get(i) * rounds);
        }
    }

    @Property(tries = 100)
    void consistentHash_noInstanceHasMoreThanTheBound_andNoKeyIsRefused(
            @ForAll @IntRange(min = 1, max = 40) int instances, @ForAll long seed) {
        Random random = new Random(seed);
        Roster roster = roster("balancing: consistent-hash\nconnections: {max: 10000}");
        roster.members(seats(ones(instances)), 0);
        List<Grant> open = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            // Half of all calls are for one key.
            String key = random.nextBoolean() ? "hot" : "k" + random.nextInt(50);
            Grant grant = roster.pick(new Ask(key, null, null, Set.of()), i);
            assertThat(grant).isNotNull();
            open.add(grant);
            assertThat((double) grant.node().inFlight()).isLessThanOrEqualTo(Math.ceil(1.25 * open.size() / instances));
            if (random.nextInt(3) == 0) {
                end(roster, open.remove(random.nextInt(open.size())), Outcome.SUCCESS, i);
            }
        }
    }

    @Property(tries = 100)
    void consistentHash_anInstanceThatLeaves_movesOnlyItsOwnKeys(@ForAll @IntRange(min = 2, max = 20) int instances) {
        Roster roster = roster("balancing: consistent-hash");
        roster.members(seats(ones(instances)), 0);
        Map<String, String> before = homes(roster);
        roster.members(seats(ones(instances)).subList(1, instances), 0);
        homes(roster).forEach((key, home) -> {
            if (!before.get(key).equals("n0")) {
                assertThat(home).isEqualTo(before.get(key));
            }
        });
    }

    @Property(tries = 60)
    void nobodyStarves_whicheverAlgorithm_underConcurrency(
            @ForAll @IntRange(min = 0, max = 3) int algorithm, @ForAll @IntRange(min = 2, max = 40) int instances) {
        String name = List.of("hot-cold", "round-robin", "least-connections", "weighted")
                .get(algorithm);
        Roster roster = roster("balancing: " + name);
        roster.members(seats(ones(instances)), 0);
        Map<String, Integer> counts = new HashMap<>();
        List<Grant> open = new ArrayList<>();
        for (int i = 0; i < instances * 50; i++) {
            Grant grant = roster.pick(Ask.ANY, i * MS);
            assertThat(grant).isNotNull();
            counts.merge(grant.node().name(), 1, Integer::sum);
            open.add(grant);
            if (open.size() > instances) {
                end(roster, open.removeFirst(), Outcome.SUCCESS, i * MS);
            }
        }
        assertThat(counts).hasSize(instances);
        assertThat(counts.values()).allSatisfy(count -> assertThat(count).isBetween(10, 150));
    }

    @Property(tries = 100)
    void ejection_neverTakesMoreThanItsShare_norTheLast(
            @ForAll @IntRange(min = 1, max = 20) int instances, @ForAll long seed) {
        Random random = new Random(seed);
        Roster roster = roster("balancing: round-robin\nbreaker: {failures: 0, min-calls: 100000}");
        roster.members(seats(ones(instances)), 0);
        int most = instances <= 4 ? instances / 2 : instances * 33 / 100;
        for (int i = 0; i < 600; i++) {
            long now = i * 20L * MS;
            Grant grant = roster.pick(Ask.ANY, now);
            assertThat(grant).isNotNull();
            end(roster, grant, random.nextInt(10) == 0 ? Outcome.SUCCESS : Outcome.FAILURE, now);
            assertThat(roster.states(now).getOrDefault(Node.State.EJECTED, 0)).isLessThanOrEqualTo(most);
        }
    }

    @Property(tries = 100)
    void retries_overAnyWindow_stayWithinShareOrFloor(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 9) int gateways) {
        Random random = new Random(seed);
        Roster roster = roster("retries: {percent: 10, floor: 6, window: 10s}");
        List<long[]> events = new ArrayList<>();
        long now = 0;
        for (int i = 0; i < 2_000; i++) {
            now += random.nextInt(40) * MS;
            roster.request(now);
            events.add(new long[] {now, 0});
            if (roster.spendRetry(gateways, now)) {
                events.add(new long[] {now, 1});
            }
        }
        for (int i = 0; i < events.size(); i += 37) {
            long from = events.get(i)[0];
            long requests = 0;
            long retries = 0;
            for (long[] event : events) {
                // The window moves by tenths, so that what a request of an eleventh earned may still be spent.
                requests += event[1] == 0 && event[0] >= from - 10_000 * MS && event[0] < from + 10_000 * MS ? 1 : 0;
                retries += event[1] == 1 && event[0] >= from && event[0] < from + 9_000 * MS ? 1 : 0;
            }
            assertThat(retries).isLessThanOrEqualTo(Math.max(Math.max(1, 6 / gateways), requests / 10));
        }
    }

    @Property(tries = 20)
    void slowStart_aNewInstance_growsFromATenthToItsFullShare(@ForAll @IntRange(min = 1, max = 5) int others) {
        Roster roster = roster("balancing: round-robin\nslow-start: 30s");
        roster.members(seats(ones(others)), 0);
        roster.members(seats(ones(others + 1)), 0);
        double early = sequential(roster, Ask.ANY, 1000).getOrDefault("n" + others, 0) / 1000.0;
        assertThat(early).isCloseTo(0.1 / (others + 0.1), within(0.01));
        Map<String, Integer> late = new HashMap<>();
        for (int i = 0; i < 100 * (others + 1); i++) {
            Grant grant = roster.pick(Ask.ANY, 31_000 * MS);
            late.merge(grant.node().name(), 1, Integer::sum);
            end(roster, grant, Outcome.SUCCESS, 31_000 * MS);
        }
        assertThat(late.get("n" + others)).isBetween(98, 102);
    }

    private static Map<String, String> homes(Roster roster) {
        Map<String, String> homes = new HashMap<>();
        for (int i = 0; i < 100; i++) {
            Grant grant = roster.pick(new Ask("key" + i, null, null, Set.of()), 0);
            homes.put("key" + i, grant.node().name());
            end(roster, grant, Outcome.SUCCESS, 0);
        }
        return homes;
    }

    private static Map<String, Integer> sequential(Roster roster, Ask ask, int calls) {
        Map<String, Integer> counts = new HashMap<>();
        for (int i = 0; i < calls; i++) {
            Grant grant = roster.pick(ask, 0);
            counts.merge(grant.node().name(), 1, Integer::sum);
            end(roster, grant, Outcome.SUCCESS, 0);
        }
        return counts;
    }

    private static void end(Roster roster, @Nullable Grant grant, Outcome outcome, long now) {
        roster.done(grant, outcome, 5 * MS, 0, now);
    }

    private static Roster roster(String yaml) {
        Random random = new Random(7);
        return new Roster(ConfigLoader.section(PoolConfig.class, yaml), random::nextDouble);
    }

    private static List<Integer> ones(int n) {
        return IntStream.range(0, n).mapToObj(i -> 1).toList();
    }

    private static List<Seat> seats(List<Integer> weights) {
        return IntStream.range(0, weights.size())
                .mapToObj(i -> new Seat("n" + i, weights.get(i)))
                .toList();
    }
}
