package dev.penstock.gateway;

import dev.penstock.common.config.ConnectionsConfig;
import dev.penstock.common.config.ServerConfig;
import dev.penstock.common.config.TlsConfig;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.time.Ticker;
import dev.penstock.common.tls.ServerTls;
import dev.penstock.gateway.auth.Principal;
import dev.penstock.gateway.exchange.Exchange;
import dev.penstock.gateway.exchange.Route;
import dev.penstock.gateway.guard.Door;
import dev.penstock.gateway.guard.Guard;
import dev.penstock.gateway.http.Edge;
import dev.penstock.gateway.ops.OperationsRoutes;
import dev.penstock.gateway.route.policy.RouteTarget;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.ServerSSLOptions;
import io.vertx.ext.web.Router;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One event loop's share of the public server: the AI API by the pipeline, everything else by the router. */
final class GatewayVerticle extends VerticleBase {
    /** A port that Vert.x picks once for all instances of a deployment. */
    private static final int SHARED_FREE_PORT = -1;

    private static final int MAX_HEAD = 32 * 1024;
    private static final int MAX_LINE = 8 * 1024;

    private final GatewayParts parts;
    private @Nullable Serving serving;
    private @Nullable Consumer<Exchange> settled;
    private final OperationsRoutes operations;
    private final Guard protection;
    private long reload = -1;
    private @Nullable HttpServer server;
    private @Nullable Connections connections;

    /** What requests that come now go through; those under way stay with the pipeline that they began in. */
    private record Serving(GatewayParts parts, GatewayPipeline pipeline) {}

    GatewayVerticle(GatewayParts parts, OperationsRoutes operations, Guard protection) {
        this.protection = protection;
        this.parts = parts;
        this.operations = operations;
    }

    @Override
    public Future<?> start() {
        ServerConfig config = parts.context().config().server();
        TlsConfig tls = config.tls();
        return tls.enabled()
                ? vertx.executeBlocking(() -> ServerTls.read(tls), false).compose(read -> listen(config, read))
                : listen(config, null);
    }

    private Future<?> listen(ServerConfig config, @Nullable ServerSSLOptions tls) {
        Ticker ticker = parts.context().ticker();
        ConnectionsConfig bounds = parts.context().config().protection().connections();
        HttpServerOptions options = options(config, bounds);
        Connections watched =
                new Connections(vertx, ticker, config.idleTimeout().toNanos(), bounds, protection.caps(), options);
        Door door = protection.door();
        Consumer<Exchange> ended = exchange -> {
            HttpServerRequest request = exchange.request();
            watched.ended(request);
            Fault fault = exchange.fault();
            int status = request.response().getStatusCode();
            // A model that is not there is a mistake, a path that is not there may be a search for holes.
            if (fault != null
                    && fault.code() != FaultCode.UPSTREAM_REJECTED
                    && (status != 404 || Route.of(path(request)) == Route.UNKNOWN)) {
                Principal caller = exchange.caller();
                door.answered(request, status, caller == null ? null : caller.keyId());
            }
        };
        settled = ended;
        serving = new Serving(parts, parts.pipeline(ended));
        Consumer<HttpServerRequest> part = arrived -> {
            HttpServerRequest request = door.enter(arrived, ticker.nanos());
            if (request != null
                    && !answered(request, watched)
                    && !request.response().ended()) {
                unknown(request);
                door.answered(request, FaultCode.NOT_FOUND.status(), null);
            }
        };
        Router router = router(watched, door, part);
        watched.start();
        connections = watched;
        if (tls != null) {
            ServerTls.apply(options, tls);
        }
        HttpServer made = vertx.createHttpServer(options)
                .connectionHandler(watched::opened)
                .invalidRequestHandler(request -> {
                    InvalidRequests.refuse(request, ticker.nanos());
                    door.answered(request, request.response().getStatusCode(), null);
                })
                .requestHandler(arrived -> {
                    if (Edge.afterLast(arrived)) {
                        arrived.connection().close();
                        return;
                    }
                    HttpServerRequest request = door.enter(arrived, ticker.nanos());
                    if (request == null) {
                        watched.passed(arrived);
                        return;
                    }
                    if (!answered(request, watched) && !request.response().ended()) {
                        watched.passed(request);
                        router.handle(request);
                    }
                });
        server = made;
        return made.listen(config.port() == 0 ? SHARED_FREE_PORT : config.port(), config.host())
                .onSuccess(listening -> {
                    if (tls != null) {
                        reload = ServerTls.watch(vertx, config.tls(), tls, listening);
                    }
                });
    }

    /** Whether the request is the AI API's or a plain route's, and will be answered. */
    private boolean answered(HttpServerRequest request, Connections watched) {
        Serving now = Objects.requireNonNull(serving, "not started");
        GatewayPipeline pipeline = now.pipeline();
        if (Edge.isAi(path(request))) {
            run(pipeline, pipeline.open(request), watched);
            return true;
        }
        RouteTarget plain = plain(now, request, watched);
        if (plain == null) {
            return false;
        }
        Exchange exchange = pipeline.open(request);
        exchange.upstream(plain);
        run(pipeline, exchange, watched);
        return true;
    }

    private void unknown(HttpServerRequest request) {
        var call = Edge.enter(
                request,
                parts.context().ticker().nanos(),
                parts.context().config().server().timeout());
        Edge.fail(
                request,
                call,
                Fault.of(FaultCode.NOT_FOUND, "There is no " + request.method() + " " + request.path() + " here."));
    }

    private static String path(HttpServerRequest request) {
        String path = request.path();
        return path == null ? "/" : path;
    }

    private static void run(GatewayPipeline pipeline, Exchange exchange, Connections watched) {
        watched.began(exchange);
        pipeline.run(exchange);
    }

    /** The plain route that a request is for; null for none, also where it was refused here. */
    private @Nullable RouteTarget plain(Serving now, HttpServerRequest request, Connections watched) {
        try {
            return now.parts().routes().match(request);
        } catch (Fault unclear) {
            watched.passed(request);
            var timeout = now.parts().config().server().timeout();
            Edge.closeAfter(request);
            Edge.fail(request, Edge.enter(request, parts.context().ticker().nanos(), timeout), unclear);
            return null;
        }
    }

    /**
     * Makes a pipeline for what comes after a reload. On any thread, after the start.
     *
     * @return goes over to it on the event loop; complete when requests go through it
     */
    Supplier<Future<Void>> prepare(GatewayParts next) {
        Connections watched = Objects.requireNonNull(connections, "not started");
        Serving made = new Serving(next, next.pipeline(Objects.requireNonNull(settled, "not started")));
        long idle = next.config().server().idleTimeout().toNanos();
        return () -> {
            Promise<Void> done = Promise.promise();
            context.runOnContext(v -> {
                serving = made;
                watched.idle(idle);
                done.complete();
            });
            return done.future();
        };
    }

    /** The port that is listened on. */
    int port() {
        return Objects.requireNonNull(server, "not started").actualPort();
    }

    /** Accepts nothing new and waits for what is under way, at most as long as the configuration says. */
    Future<Void> drain() {
        if (connections != null) {
            connections.stop();
        }
        vertx.cancelTimer(reload);
        return server == null
                ? Future.succeededFuture()
                : server.shutdown(parts.context().config().server().drain().toMillis(), TimeUnit.MILLISECONDS);
    }

    private Router router(Connections watched, Door door, Consumer<HttpServerRequest> part) {
        Router router = Router.router(vertx);
        router.route().handler(routing -> {
            if (longLived(routing.request())) {
                Runnable over = watched.left(routing.request());
                routing.addEndHandler(ended -> over.run());
            }
            routing.addEndHandler(ended -> Edge.closeIfLast(routing.request()));
            routing.addEndHandler(ended -> door.answered(
                    routing.request(), routing.response().getStatusCode(), OperationsRoutes.subject(routing)));
            routing.next();
        });
        operations.mount(router, part);
        router.route().handler(routing -> unknown(routing.request()));
        return router;
    }

    private static boolean longLived(HttpServerRequest request) {
        String path = request.path();
        return "websocket".equalsIgnoreCase(request.getHeader(HttpHeaders.UPGRADE))
                || (path != null && (path.endsWith("/stream") || path.endsWith("/events")));
    }

    private static HttpServerOptions options(ServerConfig config, ConnectionsConfig bounds) {
        return OperationsRoutes.configure(new HttpServerOptions()
                .setHost(config.host())
                .setTcpNoDelay(true)
                .setIdleTimeout((int) Math.max(1, config.idleTimeout().toSeconds()))
                .setMaxHeaderSize(MAX_HEAD)
                .setMaxInitialLineLength(MAX_LINE)
                .setHttp2ClearTextEnabled(config.h2c())
                .setUseProxyProtocol(config.proxyProtocol())
                .setInitialSettings(new Http2Settings()
                        .setMaxConcurrentStreams(bounds.streams())
                        .setMaxHeaderListSize(MAX_HEAD))
                .setHttp2RstFloodMaxRstFramePerWindow(bounds.resets())
                .setCompressionSupported(false));
    }
}
