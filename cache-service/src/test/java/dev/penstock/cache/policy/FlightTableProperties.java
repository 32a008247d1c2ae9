package dev.penstock.cache.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.cache.policy.FlightTable.Change;
import dev.penstock.cache.policy.FlightTable.Leader;
import dev.penstock.cache.policy.FlightTable.Waiter;
import dev.penstock.cache.policy.FlightTable.Waiting;
import dev.penstock.common.contract.CacheContract.CacheKey;
import dev.penstock.common.contract.CacheContract.CacheType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class FlightTableProperties {
    private static final int BUDGET = 30;

    /** Plays callers as the shell does, and keeps its own account of who leads and who waits. */
    private static final class Play {
        final FlightTable<Integer> table = new FlightTable<>(8, 12, 1);
        /** Every flight that was ever handed out, with its key. */
        final Map<Long, CacheKey> known = new HashMap<>();
        /** Per key the flight that leads, with the end of its leader's time. */
        final Map<CacheKey, Long> leads = new HashMap<>();

        final Map<Long, Long> until = new HashMap<>();
        final Map<Long, String> leader = new HashMap<>();
        final Map<Integer, String> member = new HashMap<>();
        final Map<Integer, Long> patience = new HashMap<>();
        final Set<Integer> waiting = new HashSet<>();
        final List<Integer> answered = new ArrayList<>();
        long now;
        int nextWaiter;

        void step(int action, int keyNumber, int pick) {
            now += pick % 4;
            CacheKey key = new CacheKey("t", CacheType.EMBEDDING, keyNumber, 0);
            switch (action) {
                case 0, 1, 2, 3 -> lookup(key, "g" + pick % 3);
                case 4 -> flight(key).ifPresent(this::land);
                case 5 -> flight(key).ifPresent(id -> apply(ended(id, table.fail(id, 0, now))));
                case 6 ->
                    flight(key).ifPresent(id -> table.refuse(ended(id, id)).forEach(this::answer));
                case 7 -> spoil(key);
                case 8 -> apply(table.expire(0, now));
                default -> leave("g" + pick % 3);
            }
        }

        void lookup(CacheKey key, String member) {
            var joinable = table.joinable(key, now);
            if (joinable.isPresent()) {
                int waiter = nextWaiter++;
                this.member.put(waiter, member);
                patience.put(waiter, now + BUDGET);
                if (table.await(joinable.getAsLong(), new Waiter<>(waiter, member, now + BUDGET)) == Waiting.ACCEPTED) {
                    waiting.add(waiter);
                }
                return;
            }
            long id = table.open(key, new Leader(member, now + BUDGET), 0, true);
            if (id != FlightTable.UNTRACKED) {
                leader.put(id, member);
                led(key, id, now + BUDGET);
            }
        }

        /** Two leaders of one key at a time, both in time and neither invalidated, must not be. */
        void led(CacheKey key, long id, long untilNanos) {
            Long before = leads.put(key, id);
            assertThat(before == null || until.get(before) <= now)
                    .as("flight %s while %s leads", id, before)
                    .isTrue();
            known.put(id, key);
            until.put(id, untilNanos);
        }

        Optional<Long> flight(CacheKey key) {
            return Optional.ofNullable(leads.get(key));
        }

        void land(long id) {
            table.land(id, known.get(id)).ifPresent(landing -> landing.waiters().forEach(this::answer));
            ended(id, null);
        }

        <R> R ended(long id, R result) {
            leads.values().remove(id);
            return result;
        }

        void spoil(CacheKey key) {
            table.spoil(key::equals);
            leads.remove(key);
        }

        void leave(String member) {
            Change<Integer> change = table.leave(Set.of(member), 0, now);
            leads.values().removeIf(id -> member.equals(leader.get(id)));
            apply(change);
        }

        void apply(Change<Integer> change) {
            change.late().forEach(this::answer);
            change.promoted().forEach(promotion -> {
                answer(promotion.handle());
                long id = promotion.flight();
                CacheKey key = keyOf(id);
                leader.put(id, member.get(promotion.handle()));
                led(key, id, patience.get(promotion.handle()));
            });
        }

        CacheKey keyOf(long id) {
            for (int number = 0; number < 3; number++) {
                CacheKey key = new CacheKey("t", CacheType.EMBEDDING, number, 0);
                var joinable = table.joinable(key, now);
                if (joinable.isPresent() && joinable.getAsLong() == id) {
                    return key;
                }
            }
            throw new AssertionError("a promoted flight cannot be joined: " + id);
        }

        void answer(Integer waiter) {
            assertThat(waiting.remove(waiter)).as("answered once: %s", waiter).isTrue();
            answered.add(waiter);
        }
    }

    @Property(tries = 2_000)
    void anyHistory_oneLeaderPerKey_eachWaiterAnsweredExactlyOnce(
            @ForAll @Size(max = 120) List<@IntRange(min = 0, max = 2_999) Integer> steps) {
        Play play = new Play();
        for (int step : steps) {
            play.step(step % 10, step / 10 % 3, step / 30);
            assertThat(play.table.waiting()).isEqualTo(play.waiting.size());
        }
        play.table.close().forEach(play::answer);

        assertThat(play.waiting).as("left without an answer").isEmpty();
        assertThat(play.answered).doesNotHaveDuplicates();
        assertThat(play.table.flights()).isZero();
    }

    @Property(tries = 500)
    void whenAllTimeIsSpent_nothingIsLeft(@ForAll @Size(max = 80) List<@IntRange(min = 0, max = 2_999) Integer> steps) {
        Play play = new Play();
        steps.forEach(step -> play.step(step % 10, step / 10 % 3, step / 30));

        play.now += BUDGET;
        play.apply(play.table.expire(0, play.now));

        assertThat(play.table.waiting()).isZero();
        assertThat(play.table.flights()).isZero();
        assertThat(play.waiting).isEmpty();
    }
}
