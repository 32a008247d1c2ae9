package dev.penstock.common.contract;

import dev.penstock.common.bus.Endpoint;
import dev.penstock.common.bus.Topic;
import dev.penstock.common.service.Role;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What alert-service offers. Input is level-triggered: a condition is sent again while it lasts (every 5 s), so that
 * nothing is lost while alert-service is away.
 */
public sealed interface AlertContract {
    /** Acknowledged only when the change it caused is durable. */
    Endpoint<Condition, Ack> OBSERVE =
            Endpoint.of(Role.ALERT, "alert.observe.v1", Condition.class, Ack.class, Duration.ofSeconds(4));

    Endpoint<ReadAlerts, Alerts> LIST =
            Endpoint.of(Role.ALERT, "alert.list.v1", ReadAlerts.class, Alerts.class, Duration.ofSeconds(3));
    Endpoint<ReadEvents, Events> EVENTS_SINCE =
            Endpoint.of(Role.ALERT, "alert.events.v1", ReadEvents.class, Events.class, Duration.ofSeconds(3));
    Endpoint<Acknowledge, AlertReply> ACKNOWLEDGE =
            Endpoint.of(Role.ALERT, "alert.acknowledge.v1", Acknowledge.class, AlertReply.class, Duration.ofSeconds(4));
    /** Between alert members: as {@link #OBSERVE} and {@link #ACKNOWLEDGE}, but refused by who does not keep the alerts. */
    Endpoint<Condition, Ack> OBSERVE_HERE =
            Endpoint.of(Role.ALERT, "alert.observe-here.v1", Condition.class, Ack.class, Duration.ofSeconds(4));

    Endpoint<Acknowledge, AlertReply> ACKNOWLEDGE_HERE = Endpoint.of(
            Role.ALERT, "alert.acknowledge-here.v1", Acknowledge.class, AlertReply.class, Duration.ofSeconds(4));
    /** Every transition, after it is durable. Ids are dense: whoever sees a gap asks for {@link #EVENTS_SINCE}. */
    Topic<Event> EVENTS = Topic.of("alert.stream.v1", Event.class);

    enum Severity {
        INFO,
        WARNING,
        ERROR,
        CRITICAL
    }

    enum State {
        PENDING,
        FIRING,
        ACKNOWLEDGED,
        RESOLVED
    }

    enum EventKind {
        FIRING,
        ACKNOWLEDGED,
        ESCALATED,
        RESOLVED
    }

    /**
     * What somebody sees now.
     *
     * @param labels with {@code name}, the identity of the alert; values from bounded sets
     * @param active whether the condition holds at {@code at}
     * @param holdFor how long it must hold before anybody is told
     * @param remediation what to do, with the exact command where there is one
     */
    record Condition(
            String name,
            Map<String, String> labels,
            Severity severity,
            boolean active,
            @Nullable Double value,
            @Nullable Double threshold,
            Duration holdFor,
            String summary,
            String description,
            String remediation,
            Instant at)
            implements AlertContract {
        public Condition {
            labels = Map.copyOf(labels);
        }
    }

    /** @param fingerprint of name and labels, as Alertmanager computes it */
    record Alert(
            String id,
            String fingerprint,
            String name,
            Severity severity,
            State state,
            @Nullable String service,
            @Nullable String team,
            String summary,
            String description,
            String remediation,
            Instant startsAt,
            @Nullable Instant firedAt,
            @Nullable Instant endsAt,
            Map<String, String> labels,
            @Nullable Double value,
            @Nullable Double threshold,
            @Nullable String acknowledgedBy)
            implements AlertContract {
        public Alert {
            labels = Map.copyOf(labels);
        }
    }

    /** @param id dense and monotonic over the cluster */
    record Event(long id, EventKind kind, Alert alert, Instant at) implements AlertContract {}

    record ReadAlerts(boolean activeOnly, int limit) implements AlertContract {}

    /** @param lastEvent the newest event id that is contained */
    record Alerts(List<Alert> alerts, long lastEvent) implements AlertContract {
        public Alerts {
            alerts = List.copyOf(alerts);
        }
    }

    record ReadEvents(long since, int limit) implements AlertContract {}

    /** @param complete false where the log no longer holds everything since then: take a snapshot */
    record Events(List<Event> events, boolean complete) implements AlertContract {
        public Events {
            events = List.copyOf(events);
        }
    }

    record Acknowledge(String alert, String by) implements AlertContract {}

    record AlertReply(Alert alert) implements AlertContract {}
}
