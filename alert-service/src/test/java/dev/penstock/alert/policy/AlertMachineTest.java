package dev.penstock.alert.policy;

import static dev.penstock.alert.policy.Conditions.START;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.alert.policy.AlertMachine.Transition;
import dev.penstock.common.contract.AlertContract.EventKind;
import dev.penstock.common.contract.AlertContract.State;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class AlertMachineTest {
    private static final Duration HOLD = Duration.ofSeconds(10);
    private final AlertMachine machine = new AlertMachine(Duration.ofSeconds(15), Duration.ofMinutes(2));

    @Test
    void aConditionThatHoldsGoesFromPendingToFiringToResolved() {
        Transition pending = machine.observe(null, Conditions.of("a", true, HOLD), START);
        assertThat(state(pending)).isEqualTo(State.PENDING);
        assertThat(pending.durable()).isTrue();
        assertThat(pending.event()).isNull();

        Transition waiting = machine.observe(pending.next(), Conditions.of("a", true, HOLD), at(5));
        assertThat(waiting.durable()).isFalse();

        Transition firing = machine.observe(waiting.next(), Conditions.of("a", true, HOLD), at(10));
        assertThat(firing.event()).isEqualTo(EventKind.FIRING);

        Transition fading = machine.observe(firing.next(), Conditions.of("a", false, HOLD), at(20));
        assertThat(state(fading)).isEqualTo(State.FIRING);
        assertThat(machine.tick(next(fading), at(34)).event()).isNull();
        Transition resolved = machine.tick(next(fading), at(35));
        assertThat(resolved.event()).isEqualTo(EventKind.RESOLVED);
        assertThat(next(resolved).alert().endsAt()).isEqualTo(at(35));
    }

    @Test
    void timeAloneFiresAPendingAlertBetweenTwoReports() {
        Transition pending = machine.observe(null, Conditions.of("a", true, HOLD), START);

        assertThat(machine.tick(next(pending), at(9)).event()).isNull();
        assertThat(machine.tick(next(pending), at(10)).event()).isEqualTo(EventKind.FIRING);
    }

    @Test
    void aConditionWithoutHoldFiresAtOnce() {
        assertThat(machine.observe(null, Conditions.of("a", true, Duration.ZERO), START)
                        .event())
                .isEqualTo(EventKind.FIRING);
    }

    @Test
    void aPendingAlertWhoseConditionGoesAwayIsDroppedUntold() {
        Transition pending = machine.observe(null, Conditions.of("a", true, HOLD), START);

        Transition gone = machine.observe(pending.next(), Conditions.of("a", false, HOLD), at(5));

        assertThat(gone.next()).isNull();
        assertThat(gone.event()).isNull();
        assertThat(gone.durable()).isTrue();
    }

    @Test
    void aConditionThatComesBackBeforeTheEndKeepsTheSameAlert() {
        Tracked firing = firing();
        Tracked fading = next(machine.observe(firing, Conditions.of("a", false, Duration.ZERO), at(5)));

        Tracked back = next(machine.observe(fading, Conditions.of("a", true, Duration.ZERO), at(10)));

        assertThat(machine.tick(back, at(60)).event()).isNull();
        assertThat(back.alert().id()).isEqualTo(firing.alert().id());
    }

    @Test
    void aConditionThatNobodyReportsAnyMoreEndsItsAlert() {
        Tracked firing = firing();

        assertThat(machine.tick(firing, at(119)).event()).isNull();
        assertThat(machine.tick(firing, at(135)).event()).isEqualTo(EventKind.RESOLVED);
    }

    @Test
    void acknowledgingNamesThePersonAndDoesNotKeepTheAlertFromResolving() {
        Transition acknowledged = machine.acknowledge(firing(), "kim", at(3));
        assertThat(acknowledged.event()).isEqualTo(EventKind.ACKNOWLEDGED);
        assertThat(next(acknowledged).alert().acknowledgedBy()).isEqualTo("kim");

        Tracked fading = next(machine.observe(next(acknowledged), Conditions.of("a", false, Duration.ZERO), at(5)));
        assertThat(machine.tick(fading, at(20)).event()).isEqualTo(EventKind.RESOLVED);
    }

    @Test
    void acknowledgingTwiceChangesNothing() {
        Tracked acknowledged = next(machine.acknowledge(firing(), "kim", at(3)));

        assertThat(machine.acknowledge(acknowledged, "lee", at(4)).durable()).isFalse();
    }

    @Test
    void aNewBreachAfterTheEndIsANewAlert() {
        Tracked firing = firing();
        Tracked fading = next(machine.observe(firing, Conditions.of("a", false, Duration.ZERO), at(5)));
        Tracked resolved = next(machine.tick(fading, at(20)));

        Transition again = machine.observe(resolved, Conditions.of("a", true, Duration.ZERO), at(60));

        assertThat(again.event()).isEqualTo(EventKind.FIRING);
        assertThat(next(again).alert().id()).isNotEqualTo(firing.alert().id());
    }

    private Tracked firing() {
        return next(machine.observe(null, Conditions.of("a", true, Duration.ZERO), START));
    }

    private static Instant at(long seconds) {
        return START.plusSeconds(seconds);
    }

    private static State state(Transition transition) {
        return next(transition).alert().state();
    }

    private static Tracked next(Transition transition) {
        return Objects.requireNonNull(transition.next());
    }
}
