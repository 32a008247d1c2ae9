package dev.penstock.alert.policy;

import static dev.penstock.alert.policy.Conditions.START;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.common.contract.AlertContract.Event;
import dev.penstock.common.contract.AlertContract.EventKind;
import dev.penstock.common.contract.AlertContract.State;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class AlertBookProperties {
    /** A report (or a silence) some seconds after the one before. */
    record Move(int seconds, String name, Boolean active, boolean acknowledge) {}

    @Provide
    Arbitrary<Move> moves() {
        return Combinators.combine(
                        Arbitraries.integers().between(0, 40),
                        Arbitraries.of("a", "b"),
                        Arbitraries.of(Boolean.TRUE, Boolean.FALSE),
                        Arbitraries.of(true, false, false, false))
                .as(Move::new);
    }

    @Property
    void everyAlertIsToldInOrderAndIdsAreDense(@ForAll @Size(max = 60) List<@net.jqwik.api.From("moves") Move> moves) {
        var book = book(1_000);
        List<Event> told = play(book, moves);

        for (int i = 0; i < told.size(); i++) {
            assertThat(told.get(i).id()).isEqualTo(i + 1);
        }
        Map<String, List<EventKind>> byAlert = new HashMap<>();
        told.forEach(e ->
                byAlert.computeIfAbsent(e.alert().id(), id -> new ArrayList<>()).add(e.kind()));
        assertThat(byAlert.values())
                .allSatisfy(kinds -> assertThat(kinds)
                        .isIn(
                                List.of(EventKind.FIRING),
                                List.of(EventKind.FIRING, EventKind.ACKNOWLEDGED),
                                List.of(EventKind.FIRING, EventKind.RESOLVED),
                                List.of(EventKind.FIRING, EventKind.ACKNOWLEDGED, EventKind.RESOLVED)));
    }

    @Property
    void nothingFiresBeforeItsConditionHeldLongEnough(
            @ForAll @Size(max = 60) List<@net.jqwik.api.From("moves") Move> moves) {
        List<Event> told = play(book(1_000), moves);

        assertThat(told)
                .filteredOn(e -> e.kind() == EventKind.FIRING)
                .allSatisfy(e -> assertThat(Duration.between(e.alert().startsAt(), e.at()))
                        .isGreaterThanOrEqualTo(Duration.ofSeconds(10)));
    }

    @Test
    void aBookThatForgotOldEventsSaysSo() {
        var book = book(2);
        for (int i = 0; i < 4; i++) {
            book.apply(book.observe(Conditions.of("alert-" + i, true, Duration.ZERO), START));
        }

        assertThat(book.eventsSince(1, 10)).isEmpty();
        assertThat(book.eventsSince(2, 10))
                .hasValueSatisfying(
                        events -> assertThat(events).extracting(Event::id).containsExactly(3L, 4L));
        assertThat(book.eventsSince(4, 10)).hasValue(List.of());
        assertThat(book.eventsSince(99, 10)).isEmpty();
    }

    @Test
    void aFollowerNoticesThatItMissedAnEvent() {
        var leader = book(10);
        var follower = book(10);
        List<Event> events = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            var step = leader.observe(Conditions.of("alert-" + i, true, Duration.ZERO), START);
            leader.apply(step);
            events.add(step.event());
        }

        assertThat(follower.heard(events.get(0))).isTrue();
        assertThat(follower.heard(events.get(2))).isFalse();
        assertThat(follower.alerts(true, 10))
                .allSatisfy(a -> assertThat(a.state()).isEqualTo(State.FIRING));
    }

    @Test
    void resolvedAlertsMakeRoomForNewOnes() {
        var book = new AlertBook(new AlertMachine(Duration.ZERO, Duration.ofMinutes(2)), 2, 10);
        for (String name : List.of("a", "b")) {
            book.apply(book.observe(Conditions.of(name, true, Duration.ZERO), START));
        }
        assertThat(book.full()).isTrue();

        book.apply(book.observe(Conditions.of("a", false, Duration.ZERO), START.plusSeconds(1)));

        assertThat(book.full()).isFalse();
        book.apply(book.observe(Conditions.of("c", true, Duration.ZERO), START.plusSeconds(2)));
        assertThat(book.alerts(false, 10)).extracting(a -> a.name()).containsExactlyInAnyOrder("b", "c");
        assertThat(book.full()).isTrue();
    }

    @Test
    void whoTakesOverWaitsForNewsBeforeItEndsAnAlert() {
        var before = book(10);
        before.apply(before.observe(Conditions.of("lasting", true, Duration.ZERO), START));
        before.apply(before.observe(Conditions.of("pending", true, Duration.ofMinutes(1)), START));
        Instant takeover = START.plusSeconds(3_600);
        var after = book(10);

        after.restore(before.open(), before.eventsSince(0, 10).orElseThrow());
        after.expectNews(takeover);

        assertThat(after.due(takeover)).hasSize(1);
        after.due(takeover)
                .forEach(fingerprint ->
                        after.apply(after.tick(fingerprint, takeover).orElseThrow()));
        assertThat(after.alerts(false, 10))
                .singleElement()
                .satisfies(alert -> assertThat(alert.state()).isEqualTo(State.FIRING));
        assertThat(after.due(takeover.plusSeconds(119))).isEmpty();
        assertThat(after.due(takeover.plusSeconds(120 + 15))).hasSize(1);
    }

    private static List<Event> play(AlertBook book, List<Move> moves) {
        List<Event> told = new ArrayList<>();
        Instant now = START;
        for (Move move : moves) {
            for (int second = 0; second < move.seconds(); second++) {
                now = now.plusSeconds(1);
                Instant at = now;
                book.due(at).forEach(f -> book.tick(f, at).ifPresent(step -> take(book, step, told)));
            }
            take(book, book.observe(Conditions.of(move.name(), move.active(), Duration.ofSeconds(10)), now), told);
            if (move.acknowledge() && !book.open().isEmpty()) {
                book.acknowledge(book.open().getFirst().alert().id(), "kim", now)
                        .ifPresent(step -> take(book, step, told));
            }
        }
        return told;
    }

    private static void take(AlertBook book, AlertBook.Step step, List<Event> told) {
        book.apply(step);
        if (step.event() != null) {
            told.add(step.event());
        }
    }

    private static AlertBook book(int events) {
        return new AlertBook(new AlertMachine(Duration.ofSeconds(15), Duration.ofMinutes(2)), 1_000, events);
    }
}
