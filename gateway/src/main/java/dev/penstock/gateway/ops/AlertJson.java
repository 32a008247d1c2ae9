package dev.penstock.gateway.ops;

import dev.penstock.common.contract.AlertContract.Alert;
import dev.penstock.common.contract.AlertContract.Event;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Alerts and the messages of their stream, as the API writes them. */
final class AlertJson {
    private AlertJson() {}

    static JsonObject alert(Alert alert) {
        Map<String, Object> labels = new TreeMap<>(alert.labels());
        return new JsonObject()
                .put("id", alert.id())
                .put("fingerprint", alert.fingerprint())
                .put("name", alert.name())
                .put("severity", Labels.of(alert.severity()))
                .put("state", Labels.of(alert.state()))
                .put("service", alert.service())
                .put("team", alert.team())
                .put("summary", alert.summary())
                .put("description", alert.description())
                .put("remediation", alert.remediation())
                .put("startsAt", alert.startsAt().toString())
                .put("firedAt", iso(alert.firedAt()))
                .put("endsAt", iso(alert.endsAt()))
                .put("labels", new JsonObject(labels))
                .put("value", alert.value())
                .put("threshold", alert.threshold())
                .put("acknowledgedBy", alert.acknowledgedBy());
    }

    static String event(Event event) {
        return new JsonObject()
                .put("type", "alert")
                .put("id", Long.toString(event.id()))
                .put("event", Labels.of(event.kind()))
                .put("at", event.at().toString())
                .put("alert", alert(event.alert()))
                .encode();
    }

    static String snapshot(long id, List<Alert> alerts) {
        return new JsonObject()
                .put("type", "snapshot")
                .put("id", Long.toString(id))
                .put("alerts", MonitorJson.array(alerts, AlertJson::alert))
                .encode();
    }

    /** Ids as texts, like all others of the stream. */
    static String gap(long from, long to) {
        return new JsonObject()
                .put("type", "gap")
                .put("from", Long.toString(from))
                .put("to", Long.toString(to))
                .encode();
    }

    static String heartbeat() {
        return "{\"type\":\"heartbeat\"}";
    }

    static String error(String code, String message, @Nullable String alert) {
        JsonObject error =
                new JsonObject().put("type", "error").put("code", code).put("message", message);
        return (alert == null ? error : error.put("alert", alert)).encode();
    }

    private static @Nullable String iso(@Nullable Instant instant) {
        return instant == null ? null : instant.toString();
    }
}
