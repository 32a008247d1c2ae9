package dev.penstock.alert.policy;

import dev.penstock.alert.policy.AlertMachine.Transition;
import dev.penstock.common.contract.AlertContract.Alert;
import dev.penstock.common.contract.AlertContract.Condition;
import dev.penstock.common.contract.AlertContract.Event;
import dev.penstock.common.contract.AlertContract.EventKind;
import dev.penstock.common.contract.AlertContract.State;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * All alerts that this process knows, and the newest events. A step is first worked out ({@link #observe}, {@link #tick},
 * {@link #acknowledge}), then stored by the caller, then {@link #apply applied}: what is not durable never counts.
 *
 * <p>Used by one thread. Bounded: alerts beyond the limit are refused, resolved ones and old events make room.
 */
public final class AlertBook {
    private AlertMachine machine;
    private final int maxAlerts;
    private final int maxEvents;
    private final Map<String, Tracked> byFingerprint = new LinkedHashMap<>();
    private final Deque<Event> events = new ArrayDeque<>();
    private long lastEvent;

    public AlertBook(AlertMachine machine, int maxAlerts, int maxEvents) {
        this.machine = machine;
        this.maxAlerts = maxAlerts;
        this.maxEvents = maxEvents;
    }

    /** Other times from now on; states stay. */
    public void machine(AlertMachine next) {
        machine = next;
    }

    /**
     * A step that waits to be stored and applied.
     *
     * @param next what the alert becomes; null where it is dropped
     * @param event what people are told, null if nothing
     */
    public record Step(
            String fingerprint,
            @Nullable Tracked next,
            @Nullable Event event,
            boolean durable) {}

    /** Whether a new alert has no room, since only open ones are left. */
    public boolean full() {
        return byFingerprint.size() >= maxAlerts && openCount() >= maxAlerts;
    }

    /** Alerts that are not resolved. */
    public int openCount() {
        int open = 0;
        for (Tracked tracked : byFingerprint.values()) {
            open += tracked.open() ? 1 : 0;
        }
        return open;
    }

    public boolean tracks(String fingerprint) {
        return byFingerprint.containsKey(fingerprint);
    }

    public Step observe(Condition condition, Instant now) {
        String fingerprint = Fingerprint.of(condition.name(), condition.labels());
        return step(fingerprint, machine.observe(byFingerprint.get(fingerprint), condition, now), now);
    }

    /** The steps that time makes due, each with the event id it would get if it alone were applied next. */
    public List<String> due(Instant now) {
        List<String> due = new ArrayList<>();
        byFingerprint.forEach((fingerprint, tracked) -> {
            if (machine.tick(tracked, now).durable()) {
                due.add(fingerprint);
            }
        });
        return due;
    }

    /** The step that time makes of one alert. */
    public Optional<Step> tick(String fingerprint, Instant now) {
        return Optional.ofNullable(byFingerprint.get(fingerprint))
                .map(tracked -> step(fingerprint, machine.tick(tracked, now), now));
    }

    /** Empty where no open alert has that id. */
    public Optional<Step> acknowledge(String alertId, String by, Instant now) {
        return open().stream()
                .filter(tracked -> tracked.alert().id().equals(alertId))
                .findFirst()
                .map(tracked -> step(tracked.alert().fingerprint(), machine.acknowledge(tracked, by, now), now));
    }

    /** Makes a step count. */
    public void apply(Step step) {
        if (step.next() == null) {
            byFingerprint.remove(step.fingerprint());
        } else {
            byFingerprint.put(step.fingerprint(), step.next());
        }
        if (step.event() != null) {
            log(step.event());
        }
        forgetResolved();
    }

    /** Takes over what the sequencer announced; false if events before it were missed. */
    public boolean heard(Event event) {
        if (event.id() <= lastEvent) {
            return true;
        }
        boolean complete = event.id() == lastEvent + 1;
        Tracked known = byFingerprint.get(event.alert().fingerprint());
        Tracked next = known == null
                ? new Tracked(event.alert(), java.time.Duration.ZERO, event.id(), event.at(), null)
                : new Tracked(event.alert(), known.holdFor(), known.revision() + 1, event.at(), known.inactiveSince());
        byFingerprint.put(event.alert().fingerprint(), next);
        log(event);
        forgetResolved();
        return complete;
    }

    /** Starts from what a store holds; what this book knows beyond it is kept. */
    public void restore(List<Tracked> stored, List<Event> storedEvents) {
        for (Tracked tracked : stored) {
            byFingerprint.merge(
                    tracked.alert().fingerprint(),
                    tracked,
                    (mine, theirs) -> mine.revision() > theirs.revision() ? mine : theirs);
        }
        storedEvents.forEach(event -> {
            if (event.id() > lastEvent) {
                log(event);
            }
        });
    }

    /**
     * Lets everybody who was told of an alert wait for news of it from now on. Who takes over, or starts again, has not
     * heard the reports of before, and must not take that for the end of the condition. What is pending was told to
     * nobody and begins anew.
     */
    public void expectNews(Instant now) {
        byFingerprint.replaceAll((fingerprint, tracked) -> {
            boolean told = tracked.open() && tracked.alert().state() != State.PENDING;
            return told && tracked.lastSeen().isBefore(now)
                    ? new Tracked(tracked.alert(), tracked.holdFor(), tracked.revision(), now, tracked.inactiveSince())
                    : tracked;
        });
    }

    /** Open alerts, newest first. */
    public List<Tracked> open() {
        return byFingerprint.values().stream()
                .filter(Tracked::open)
                .sorted(Comparator.comparing((Tracked t) -> t.alert().startsAt())
                        .reversed())
                .toList();
    }

    /** The newest alerts, at most {@code limit}, open ones alone if asked. */
    public List<Alert> alerts(boolean openOnly, int limit) {
        return byFingerprint.values().stream()
                .filter(tracked -> !openOnly || tracked.open())
                .map(Tracked::alert)
                .sorted(Comparator.comparing(Alert::startsAt).reversed())
                .limit(limit)
                .toList();
    }

    public long lastEvent() {
        return lastEvent;
    }

    /** Events after {@code since}; empty if the log no longer reaches back that far, or never knew that id. */
    public Optional<List<Event>> eventsSince(long since, int limit) {
        if (since > lastEvent) {
            return Optional.empty();
        }
        if (since < lastEvent && (events.isEmpty() || events.getFirst().id() > since + 1)) {
            return Optional.empty();
        }
        return Optional.of(
                events.stream().filter(event -> event.id() > since).limit(limit).toList());
    }

    private Step step(String fingerprint, Transition transition, Instant now) {
        Tracked next = transition.next();
        EventKind kind = transition.event();
        Event event = kind == null || next == null ? null : new Event(lastEvent + 1, kind, next.alert(), now);
        return new Step(fingerprint, next, event, transition.durable());
    }

    private void log(Event event) {
        if (!events.isEmpty() && event.id() != lastEvent + 1) {
            events.clear();
        }
        events.addLast(event);
        lastEvent = event.id();
        while (events.size() > maxEvents) {
            events.removeFirst();
        }
    }

    private void forgetResolved() {
        if (byFingerprint.size() <= maxAlerts) {
            return;
        }
        byFingerprint.values().stream()
                .filter(tracked -> !tracked.open())
                .min(Comparator.comparing(Tracked::lastSeen))
                .ifPresent(oldest -> byFingerprint.remove(oldest.alert().fingerprint()));
    }
}
