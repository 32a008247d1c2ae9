package dev.penstock.gateway;

import dev.penstock.common.time.Ticker;
import io.netty.channel.ChannelPipeline;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.impl.HttpServerConnection;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Closes connections on which no request begins and none is under way, also those whose first request never gets
 * complete. The server's own idle timeout would cut answers that a model takes long for. One event loop's connections;
 * bounded by what the operating system accepts.
 */
final class Connections {
    /** The name that Vert.x gives its idle handler. */
    private static final String VERTX_IDLE = "idle";

    private static final int SWEEPS_PER_TIMEOUT = 8;

    private final Vertx vertx;
    private final Ticker ticker;
    private final long idleNanos;
    private final IdentityHashMap<HttpConnection, State> open = new IdentityHashMap<>();
    private boolean stopped;

    private static final class State {
        private long sinceNanos;
        private int underWay;
        private boolean exempt;
    }

    Connections(Vertx vertx, Ticker ticker, long idleNanos) {
        this.vertx = vertx;
        this.ticker = ticker;
        this.idleNanos = idleNanos;
    }

    void start() {
        vertx.setTimer(Math.max(1, idleNanos / SWEEPS_PER_TIMEOUT / 1_000_000), id -> {
            sweep();
            if (!stopped) {
                start();
            }
        });
    }

    void stop() {
        stopped = true;
    }

    void opened(HttpConnection connection) {
        takeOver(connection);
        State state = new State();
        state.sinceNanos = ticker.nanos();
        open.put(connection, state);
        connection.closeHandler(closed -> open.remove(connection));
    }

    /**
     * Vert.x's idle timeout guards a connection until its first request; it would also cut an answer that takes long, so
     * from then on this class watches.
     */
    private static void takeOver(HttpConnection connection) {
        if (connection instanceof HttpServerConnection server) {
            ChannelPipeline pipeline = server.channelHandlerContext().pipeline();
            if (pipeline.get(VERTX_IDLE) != null) {
                pipeline.remove(VERTX_IDLE);
            }
        }
    }

    /** A request began whose end {@link #ended} will tell. */
    void began(HttpServerRequest request) {
        State state = open.get(request.connection());
        if (state != null) {
            state.underWay++;
        }
    }

    void ended(HttpServerRequest request) {
        State state = open.get(request.connection());
        if (state != null) {
            state.underWay--;
            state.sinceNanos = ticker.nanos();
        }
    }

    /** A short request whose end nobody tells; or a long-lived one, which watches over its connection itself. */
    void passed(HttpServerRequest request, boolean longLived) {
        State state = open.get(request.connection());
        if (state != null) {
            state.sinceNanos = ticker.nanos();
            state.exempt |= longLived;
        }
    }

    private void sweep() {
        long now = ticker.nanos();
        for (Map.Entry<HttpConnection, State> entry : List.copyOf(open.entrySet())) {
            State state = entry.getValue();
            if (!state.exempt && state.underWay == 0 && now - state.sinceNanos > idleNanos) {
                entry.getKey().close();
            }
        }
    }
}
