package dev.penstock.gateway;

import dev.penstock.common.config.ConnectionsConfig;
import dev.penstock.common.time.Ticker;
import dev.penstock.gateway.exchange.BodyIntake;
import dev.penstock.gateway.exchange.Exchange;
import dev.penstock.gateway.guard.ConnectionCaps;
import dev.penstock.gateway.guard.StrictDecoder;
import dev.penstock.gateway.http.Edge;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.impl.Http1xServerConnection;
import io.vertx.core.http.impl.HttpServerConnection;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Closes connections on which no request begins and none is under way, also those whose first request never gets
 * complete, and gives bodies up that do not arrive. The server's own idle timeout would cut answers that a model takes
 * long for. One event loop's connections; bounded by what the operating system accepts.
 */
final class Connections {
    /** The name that Vert.x gives its idle handler. */
    private static final String VERTX_IDLE = "idle";

    private static final int SWEEPS_PER_TIMEOUT = 8;
    /** How much later than its deadline the wait for a body may end. */
    private static final long LONGEST_PAUSE_NANOS = 500_000_000;

    private final Vertx vertx;
    private final Ticker ticker;
    private long idleNanos;
    private final ConnectionsConfig bounds;
    private final long headNanos;
    private final ConnectionCaps caps;
    private final HttpServerOptions options;
    private final IdentityHashMap<HttpConnection, State> open = new IdentityHashMap<>();
    private boolean stopped;

    private static final class State {
        private long sinceNanos;
        /** One with HTTP/1.1, with HTTP/2 as many as there are streams. */
        private final List<Exchange> underWay = new ArrayList<>(1);

        private int longLived;
        private int requests;
        /** A request whose end nobody tells. */
        private @Nullable HttpServerRequest passed;

        /** Whether a length beside chunks went unnoticed: no second request may follow (RFC 9112 §6.1). */
        private boolean lenient;

        /** Whether bytes came, or are awaited, that are no whole request yet; only HTTP/1.1. */
        private boolean headBegun;

        private long headSinceNanos;
    }

    /** Sees that a head begins; the decoder tells only of whole ones. */
    private final class HeadWatch extends ChannelInboundHandlerAdapter {
        private final State state;

        HeadWatch(State state) {
            this.state = state;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (!state.headBegun && state.underWay.isEmpty() && state.longLived == 0 && !passing(state)) {
                state.headBegun = true;
                state.headSinceNanos = ticker.nanos();
            }
            context.fireChannelRead(message);
        }
    }

    /** @param options of the server */
    Connections(
            Vertx vertx,
            Ticker ticker,
            long idleNanos,
            ConnectionsConfig bounds,
            ConnectionCaps caps,
            HttpServerOptions options) {
        this.options = options;
        this.vertx = vertx;
        this.ticker = ticker;
        this.idleNanos = idleNanos;
        this.bounds = bounds;
        this.headNanos = bounds.head().toNanos();
        this.caps = caps;
    }

    /** Another patience from now on; on the event loop. */
    void idle(long nanos) {
        idleNanos = nanos;
    }

    void start() {
        long every = Math.min(Math.min(idleNanos, headNanos) / SWEEPS_PER_TIMEOUT, LONGEST_PAUSE_NANOS);
        vertx.setTimer(Math.max(1, every / 1_000_000), id -> {
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
        Runnable leave = caps.opened(connection);
        if (leave == null) {
            connection.close();
            return;
        }
        State state = new State();
        state.sinceNanos = ticker.nanos();
        takeOver(connection, state);
        open.put(connection, state);
        connection.closeHandler(closed -> {
            leave.run();
            open.remove(connection);
        });
    }

    /**
     * Vert.x's idle timeout guards a connection until its first request; it would also cut an answer that takes long, so
     * from then on this class watches.
     */
    private void takeOver(HttpConnection connection, State state) {
        if (connection instanceof HttpServerConnection server) {
            ChannelPipeline pipeline = server.channelHandlerContext().pipeline();
            if (pipeline.get(VERTX_IDLE) != null) {
                pipeline.remove(VERTX_IDLE);
            }
            if (connection instanceof Http1xServerConnection) {
                state.headSinceNanos = ticker.nanos();
                state.headBegun = true; // the first head may take as long as any other, counted from the connection
                // Where HTTP/2 without TLS is possible, the decoder is in the middle of the first request by now.
                state.lenient = options.isHttp2ClearTextEnabled() && !connection.isSsl();
                if (!state.lenient) {
                    StrictDecoder.install(pipeline, options);
                }
                pipeline.addFirst(new HeadWatch(state));
            }
        }
    }

    /** A request began whose end {@link #ended} will tell. */
    void began(Exchange exchange) {
        State state = open.get(exchange.request().connection());
        if (state != null) {
            state.underWay.add(exchange);
            state.headBegun = false;
            countRequest(exchange.request(), state);
        }
    }

    private static boolean passing(State state) {
        HttpServerRequest request = state.passed;
        return request != null && !(request.isEnded() && request.response().ended());
    }

    void ended(HttpServerRequest request) {
        State state = open.get(request.connection());
        if (state != null) {
            forget(state.underWay, request);
            state.sinceNanos = ticker.nanos();
        }
    }

    private static void forget(List<Exchange> underWay, HttpServerRequest request) {
        for (int i = 0; i < underWay.size(); i++) {
            if (underWay.get(i).request().equals(request)) {
                underWay.remove(i);
                return;
            }
        }
    }

    /** Who sends requests without end on one connection begins a new one now and then. */
    private void countRequest(HttpServerRequest request, State state) {
        boolean unclear = state.lenient && request.headers().contains(HttpHeaders.TRANSFER_ENCODING);
        if (unclear || (bounds.requests() > 0 && ++state.requests >= bounds.requests())) {
            Edge.closeAfter(request);
        }
    }

    /** A short request whose end nobody tells. */
    void passed(HttpServerRequest request) {
        State state = open.get(request.connection());
        if (state != null) {
            state.headBegun = false;
            state.passed = request;
            countRequest(request, state);
            state.sinceNanos = ticker.nanos();
        }
    }

    /**
     * A socket or an event stream began, which watches over its connection itself.
     *
     * @return to be run when it is over, so that the connection is watched again
     */
    Runnable left(HttpServerRequest request) {
        State state = open.get(request.connection());
        if (state == null) {
            return () -> {};
        }
        state.longLived++;
        return () -> {
            state.longLived--;
            state.sinceNanos = ticker.nanos();
        };
    }

    private void sweep() {
        long now = ticker.nanos();
        List<HttpConnection> idle = new ArrayList<>();
        List<BodyIntake> late = new ArrayList<>();
        open.forEach((connection, state) -> {
            boolean passing = passing(state);
            boolean waiting = state.underWay.isEmpty() && state.longLived == 0;
            boolean slowHead = !passing && state.headBegun && now - state.headSinceNanos > headNanos;
            if (!passing) {
                state.passed = null;
            }
            if (waiting && (slowHead || now - state.sinceNanos > idleNanos)) {
                idle.add(connection);
            }
            for (Exchange exchange : state.underWay) {
                BodyIntake body = exchange.body();
                if (body != null && body.late(now, idleNanos, exchange.call().deadline(), bounds)) {
                    late.add(body);
                }
            }
        });
        idle.forEach(HttpConnection::close);
        late.forEach(BodyIntake::giveUp);
    }
}
