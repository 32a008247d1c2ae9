package dev.penstock.gateway.ops;

import dev.penstock.common.contract.AlertContract.Alert;
import dev.penstock.common.contract.AlertContract.Alerts;
import dev.penstock.common.contract.AlertContract.Event;
import dev.penstock.common.time.Ticker;
import dev.penstock.gateway.auth.Principal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One client of the alert stream: what it may see, what it wants, how far it is. Used on the hub's context. */
final class AlertSession {
    private final Principal principal;
    private final Feed feed;
    private final Ticker ticker;
    private AlertFilter filter;
    private long cursor;
    private int acknowledging;

    AlertSession(Principal principal, Outlet outlet, AlertFilter filter, Ticker ticker) {
        this.principal = principal;
        this.feed = new Feed(outlet);
        this.filter = filter;
        this.ticker = ticker;
    }

    Principal principal() {
        return principal;
    }

    Feed feed() {
        return feed;
    }

    /** The last event that this client has or does not want. */
    long cursor() {
        return cursor;
    }

    /** Begins after that event without a snapshot. */
    void resume(long since) {
        cursor = since;
    }

    void filter(AlertFilter wanted) {
        filter = wanted;
    }

    /** @param encoded the event's message, made once for all clients */
    void event(Event event, String encoded) {
        if (event.id() <= cursor) {
            return;
        }
        cursor = event.id();
        if (wants(event.alert())) {
            feed.offer(encoded, Long.toString(event.id()), ticker.nanos());
        }
    }

    void snapshot(Alerts alerts) {
        cursor = alerts.lastEvent();
        List<Alert> wanted = alerts.alerts().stream().filter(this::wants).toList();
        feed.offer(AlertJson.snapshot(cursor, wanted), Long.toString(cursor), ticker.nanos());
    }

    /** Says what was missed; a snapshot follows. */
    void gap(long to) {
        feed.offer(AlertJson.gap(cursor + 1, Math.max(cursor + 1, to)), null, ticker.nanos());
    }

    void send(String json) {
        feed.offer(json, null, ticker.nanos());
    }

    void error(String code, String message, @Nullable String alert) {
        send(AlertJson.error(code, message, alert));
    }

    /** Counts acknowledgements under way; false where there are too many. */
    boolean beginAcknowledge(int most) {
        if (acknowledging >= most) {
            return false;
        }
        acknowledging++;
        return true;
    }

    void endAcknowledge() {
        acknowledging--;
    }

    private boolean wants(Alert alert) {
        return AlertFilter.visible(principal, alert) && filter.matches(alert);
    }
}
