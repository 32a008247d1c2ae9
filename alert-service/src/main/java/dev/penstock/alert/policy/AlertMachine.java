package dev.penstock.alert.policy;

import dev.penstock.common.contract.AlertContract.Alert;
import dev.penstock.common.contract.AlertContract.Condition;
import dev.penstock.common.contract.AlertContract.EventKind;
import dev.penstock.common.contract.AlertContract.State;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The life of one alert: {@code (nothing) → pending → firing → acknowledged → resolved}.
 *
 * <p>Input is level-triggered. A condition that holds for its {@code holdFor} fires; one that is gone for
 * {@code keepFiring} resolves; one that nobody reports for {@code staleAfter} counts as gone from then on. A pending
 * alert whose condition goes away is dropped: nobody was told. The shape is that of Prometheus's alerting rules, with
 * acknowledgement added; unlike there, a restart keeps the state as it was.
 */
public final class AlertMachine {
    private final Duration keepFiring;
    private final Duration staleAfter;

    public AlertMachine(Duration keepFiring, Duration staleAfter) {
        this.keepFiring = keepFiring;
        this.staleAfter = staleAfter;
    }

    /**
     * What a step makes of an alert.
     *
     * @param next the new state; null where there is nothing (any more) to track
     * @param event what people are told; null for changes that concern nobody yet
     * @param durable whether the change must be stored before it counts
     */
    public record Transition(
            @Nullable Tracked next, @Nullable EventKind event, boolean durable) {}

    /** The step for a report of the alert's condition; {@code current} is null or resolved where nothing is open. */
    public Transition observe(@Nullable Tracked current, Condition condition, Instant now) {
        if (current == null || !current.open()) {
            return condition.active() ? open(condition, now) : new Transition(current, null, false);
        }
        Tracked seen = seen(current, condition, now);
        Transition due = tick(seen, now);
        boolean changed = !sameForPeople(current.alert(), seen.alert());
        return due.durable() || !changed ? due : new Transition(revised(seen), null, true);
    }

    /** The step for the passing of time. */
    public Transition tick(Tracked current, Instant now) {
        if (!current.open()) {
            return new Transition(current, null, false);
        }
        Tracked tracked = stale(current, now) ? gone(current, current.lastSeen().plus(staleAfter)) : current;
        Instant inactiveSince = tracked.inactiveSince();
        if (tracked.alert().state() == State.PENDING) {
            return inactiveSince == null ? pending(tracked, now) : new Transition(null, null, true);
        }
        boolean over = inactiveSince != null && !inactiveSince.plus(keepFiring).isAfter(now);
        return over
                ? new Transition(to(tracked, State.RESOLVED, now), EventKind.RESOLVED, true)
                : new Transition(tracked, null, false);
    }

    /** The step for a person's acknowledgement; a transition without event says that there was nothing to acknowledge. */
    public Transition acknowledge(Tracked current, String by, Instant now) {
        if (current.alert().state() != State.FIRING) {
            return new Transition(current, null, false);
        }
        Alert alert = to(current, State.ACKNOWLEDGED, now).alert();
        Alert named = with(alert, alert.state(), alert.firedAt(), alert.endsAt(), by);
        return new Transition(
                new Tracked(
                        named, current.holdFor(), current.revision() + 1, current.lastSeen(), current.inactiveSince()),
                EventKind.ACKNOWLEDGED,
                true);
    }

    private Transition open(Condition condition, Instant now) {
        String fingerprint = Fingerprint.of(condition.name(), condition.labels());
        Alert alert = new Alert(
                fingerprint + "-" + now.toEpochMilli(),
                fingerprint,
                condition.name(),
                condition.severity(),
                State.PENDING,
                condition.labels().get("service"),
                condition.labels().get("team"),
                condition.summary(),
                condition.description(),
                condition.remediation(),
                now,
                null,
                null,
                condition.labels(),
                condition.value(),
                condition.threshold(),
                null);
        return pending(new Tracked(alert, condition.holdFor(), 0, now, null), now);
    }

    private static Transition pending(Tracked tracked, Instant now) {
        Instant due = tracked.alert().startsAt().plus(tracked.holdFor());
        if (!due.isAfter(now)) {
            return new Transition(to(tracked, State.FIRING, now), EventKind.FIRING, true);
        }
        return tracked.revision() == 0
                ? new Transition(revised(tracked), null, true)
                : new Transition(tracked, null, false);
    }

    private boolean stale(Tracked tracked, Instant now) {
        return tracked.inactiveSince() == null
                && !tracked.lastSeen().plus(staleAfter).isAfter(now);
    }

    /** The alert with the newest evidence of its condition; a late report never takes time back. */
    private static Tracked seen(Tracked current, Condition condition, Instant now) {
        Instant inactiveSince =
                condition.active() ? null : current.inactiveSince() == null ? now : current.inactiveSince();
        Alert old = current.alert();
        Alert alert = new Alert(
                old.id(),
                old.fingerprint(),
                old.name(),
                condition.active() ? condition.severity() : old.severity(),
                old.state(),
                old.service(),
                old.team(),
                condition.active() ? condition.summary() : old.summary(),
                condition.active() ? condition.description() : old.description(),
                condition.active() ? condition.remediation() : old.remediation(),
                old.startsAt(),
                old.firedAt(),
                old.endsAt(),
                old.labels(),
                condition.value(),
                condition.threshold(),
                old.acknowledgedBy());
        return new Tracked(alert, condition.holdFor(), current.revision(), now, inactiveSince);
    }

    private static Tracked gone(Tracked tracked, Instant since) {
        return new Tracked(tracked.alert(), tracked.holdFor(), tracked.revision(), tracked.lastSeen(), since);
    }

    private static Tracked revised(Tracked tracked) {
        return new Tracked(
                tracked.alert(),
                tracked.holdFor(),
                tracked.revision() + 1,
                tracked.lastSeen(),
                tracked.inactiveSince());
    }

    private static Tracked to(Tracked tracked, State state, Instant now) {
        Alert alert = tracked.alert();
        Instant firedAt = state == State.FIRING ? now : alert.firedAt();
        Instant endsAt = state == State.RESOLVED ? now : null;
        return revised(new Tracked(
                with(alert, state, firedAt, endsAt, alert.acknowledgedBy()),
                tracked.holdFor(),
                tracked.revision(),
                tracked.lastSeen(),
                tracked.inactiveSince()));
    }

    private static Alert with(
            Alert a,
            State state,
            @Nullable Instant firedAt,
            @Nullable Instant endsAt,
            @Nullable String acknowledgedBy) {
        return new Alert(
                a.id(),
                a.fingerprint(),
                a.name(),
                a.severity(),
                state,
                a.service(),
                a.team(),
                a.summary(),
                a.description(),
                a.remediation(),
                a.startsAt(),
                firedAt,
                endsAt,
                a.labels(),
                a.value(),
                a.threshold(),
                acknowledgedBy);
    }

    /** Whether only the measured value differs, which is not worth a write each five seconds. */
    private static boolean sameForPeople(Alert a, Alert b) {
        return a.severity() == b.severity() && a.summary().equals(b.summary());
    }
}
