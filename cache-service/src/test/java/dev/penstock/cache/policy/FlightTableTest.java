package dev.penstock.cache.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.cache.policy.FlightTable.Leader;
import dev.penstock.cache.policy.FlightTable.Promotion;
import dev.penstock.cache.policy.FlightTable.Waiter;
import dev.penstock.cache.policy.FlightTable.Waiting;
import dev.penstock.common.contract.CacheContract.CacheKey;
import dev.penstock.common.contract.CacheContract.CacheType;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FlightTableTest {
    private static final CacheKey KEY = new CacheKey("acme", CacheType.EMBEDDING, 1, 2);
    private static final CacheKey OTHER = new CacheKey("acme", CacheType.EMBEDDING, 3, 4);

    private final FlightTable<String> table = new FlightTable<>(10, 10, 100);

    @Test
    void open_sharedFlight_canBeJoinedUntilItsLeaderIsLate() {
        long flight = table.open(KEY, new Leader("g1", 50), 7, true);

        assertThat(table.joinable(KEY, 49)).isEqualTo(OptionalLong.of(flight));
        assertThat(table.joinable(KEY, 50)).isEmpty();
        assertThat(table.joinable(OTHER, 0)).isEmpty();
    }

    @Test
    void open_unsharedFlight_isTrackedButNotJoined() {
        long flight = table.open(KEY, new Leader("g1", 50), 7, false);

        assertThat(table.joinable(KEY, 0)).isEmpty();
        assertThat(table.land(flight, KEY))
                .get()
                .satisfies(landing -> assertThat(landing.stamp()).isEqualTo(7));
    }

    @Test
    void land_answersAllWaitersOnceAndOnlyOnce() {
        long flight = table.open(KEY, new Leader("g1", 50), 7, true);
        table.await(flight, new Waiter<>("a", "g1", 50));
        table.await(flight, new Waiter<>("b", "g2", 50));

        assertThat(table.land(flight, KEY).orElseThrow().waiters()).containsExactly("a", "b");
        assertThat(table.land(flight, KEY)).isEmpty();
        assertThat(table.waiting()).isZero();
        assertThat(table.flights()).isZero();
    }

    @Test
    void land_forAnotherKey_changesNothing() {
        long flight = table.open(KEY, new Leader("g1", 50), 7, true);

        assertThat(table.land(flight, OTHER)).isEmpty();
        assertThat(table.joinable(KEY, 0)).isEqualTo(OptionalLong.of(flight));
    }

    @Test
    void fail_promotesOneAndTheRestWaitOnTheNewFlight() {
        long flight = table.open(KEY, new Leader("g1", 50), 7, true);
        table.await(flight, new Waiter<>("a", "g1", 50));
        table.await(flight, new Waiter<>("b", "g2", 50));

        List<Promotion<String>> promoted = table.fail(flight, 9, 1).promoted();

        assertThat(promoted).extracting(Promotion::handle).containsExactly("a");
        long next = promoted.getFirst().flight();
        assertThat(table.joinable(KEY, 1)).isEqualTo(OptionalLong.of(next));
        assertThat(table.land(flight, KEY)).as("the old flight is over").isEmpty();
        var landing = table.land(next, KEY).orElseThrow();
        assertThat(landing.waiters()).containsExactly("b");
        assertThat(landing.stamp()).as("the work began anew").isEqualTo(9);
    }

    @Test
    void fail_skipsWaitersWhoseTimeIsSpent() {
        long flight = table.open(KEY, new Leader("g1", 50), 7, true);
        table.await(flight, new Waiter<>("late", "g1", 10));
        table.await(flight, new Waiter<>("b", "g2", 50));

        var change = table.fail(flight, 9, 10);

        assertThat(change.late()).containsExactly("late");
        assertThat(change.promoted()).extracting(Promotion::handle).containsExactly("b");
    }

    @Test
    void refuse_givesEveryWaiterBack() {
        long flight = table.open(KEY, new Leader("g1", 50), 7, true);
        table.await(flight, new Waiter<>("a", "g1", 50));
        table.await(flight, new Waiter<>("b", "g2", 50));

        assertThat(table.refuse(flight)).containsExactly("a", "b");
        assertThat(table.flights()).isZero();
    }

    @Test
    void expire_leaderOutOfTime_countsAsFailed() {
        long flight = table.open(KEY, new Leader("g1", 50), 7, true);
        table.await(flight, new Waiter<>("a", "g2", 90));

        assertThat(table.expire(7, 49).promoted()).isEmpty();
        assertThat(table.expire(7, 50).promoted()).extracting(Promotion::handle).containsExactly("a");
    }

    @Test
    void leave_leaderGone_promotesAWaiterOfAnotherMember() {
        long flight = table.open(KEY, new Leader("g1", 50), 7, true);
        table.await(flight, new Waiter<>("gone too", "g1", 90));
        table.await(flight, new Waiter<>("b", "g2", 90));

        var change = table.leave(Set.of("g1"), 7, 1);

        assertThat(change.promoted()).extracting(Promotion::handle).containsExactly("b");
        assertThat(change.late()).containsExactly("gone too");
    }

    @Test
    void spoil_laterLookupsStartAnew_earlierWaitersStillGetTheirAnswer() {
        long flight = table.open(KEY, new Leader("g1", 50), 7, true);
        table.await(flight, new Waiter<>("a", "g2", 50));

        table.spoil(KEY::equals);

        assertThat(table.joinable(KEY, 1)).isEmpty();
        var landing = table.land(flight, KEY).orElseThrow();
        assertThat(landing.spoiled()).isTrue();
        assertThat(landing.waiters()).containsExactly("a");
    }

    @Test
    void fail_ofASpoiledFlight_movesItsWaitersToTheFreshOne() {
        long old = table.open(KEY, new Leader("g1", 50), 7, true);
        table.await(old, new Waiter<>("a", "g2", 50));
        table.spoil(KEY::equals);
        long fresh = table.open(KEY, new Leader("g3", 50), 8, true);

        assertThat(table.fail(old, 8, 1).promoted()).isEmpty();
        assertThat(table.land(fresh, KEY).orElseThrow().waiters()).containsExactly("a");
    }

    @Test
    void await_endedFlight_isUnknown() {
        long flight = table.open(KEY, new Leader("g1", 50), 7, true);
        table.refuse(flight);

        assertThat(table.await(flight, new Waiter<>("a", "g2", 50))).isEqualTo(Waiting.UNKNOWN);
    }

    @Test
    void open_fullTable_leavesTheWorkUntracked() {
        FlightTable<String> small = new FlightTable<>(1, 1, 1);
        long flight = small.open(KEY, new Leader("g1", 50), 7, true);

        assertThat(small.open(OTHER, new Leader("g1", 50), 7, true)).isEqualTo(FlightTable.UNTRACKED);
        assertThat(small.await(flight, new Waiter<>("a", "g1", 50))).isEqualTo(Waiting.ACCEPTED);
        assertThat(small.await(flight, new Waiter<>("b", "g1", 50))).isEqualTo(Waiting.FULL);
    }
}
