package dev.penstock.gateway;

import dev.penstock.common.config.ServerConfig;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.gateway.exchange.Exchange;
import dev.penstock.gateway.http.Edge;
import dev.penstock.gateway.ops.OperationsRoutes;
import dev.penstock.gateway.route.policy.RouteTarget;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One event loop's share of the public server: the AI API by the pipeline, everything else by the router. */
final class GatewayVerticle extends VerticleBase {
    /** A port that Vert.x picks once for all instances of a deployment. */
    private static final int SHARED_FREE_PORT = -1;

    private static final int MAX_HEAD = 32 * 1024;
    private static final int MAX_LINE = 8 * 1024;

    private final GatewayParts parts;
    private final OperationsRoutes operations;
    private @Nullable HttpServer server;
    private @Nullable Connections connections;

    GatewayVerticle(GatewayParts parts, OperationsRoutes operations) {
        this.parts = parts;
        this.operations = operations;
    }

    @Override
    public Future<?> start() {
        ServerConfig config = parts.context().config().server();
        Connections watched = new Connections(
                vertx, parts.context().ticker(), config.idleTimeout().toNanos());
        GatewayPipeline pipeline = parts.pipeline(watched::ended);
        Router router = router(config, watched);
        watched.start();
        connections = watched;
        HttpServer made = vertx.createHttpServer(options(config))
                .connectionHandler(watched::opened)
                .requestHandler(request -> {
                    String path = request.path();
                    if (path != null && Edge.isAi(path)) {
                        run(pipeline, pipeline.open(request), watched);
                        return;
                    }
                    RouteTarget plain = plain(request, watched);
                    if (plain != null) {
                        Exchange exchange = pipeline.open(request);
                        exchange.upstream(plain);
                        run(pipeline, exchange, watched);
                    } else if (!request.response().ended()) {
                        watched.passed(request);
                        router.handle(request);
                    }
                });
        server = made;
        return made.listen(config.port() == 0 ? SHARED_FREE_PORT : config.port(), config.host());
    }

    private static void run(GatewayPipeline pipeline, Exchange exchange, Connections watched) {
        watched.began(exchange);
        pipeline.run(exchange);
    }

    /** The plain route that a request is for; null for none, also where it was refused here. */
    private @Nullable RouteTarget plain(HttpServerRequest request, Connections watched) {
        try {
            return parts.routes().match(request);
        } catch (Fault unclear) {
            watched.passed(request);
            var timeout = parts.context().config().server().timeout();
            Edge.closeAfter(request);
            Edge.fail(request, Edge.enter(request, parts.context().ticker().nanos(), timeout), unclear);
            return null;
        }
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
        return server == null
                ? Future.succeededFuture()
                : server.shutdown(parts.context().config().server().drain().toMillis(), TimeUnit.MILLISECONDS);
    }

    private Router router(ServerConfig config, Connections watched) {
        Router router = Router.router(vertx);
        router.route().handler(routing -> {
            if (longLived(routing.request())) {
                Runnable over = watched.left(routing.request());
                routing.addEndHandler(ended -> over.run());
            }
            routing.next();
        });
        operations.mount(router);
        router.route().handler(routing -> {
            HttpServerRequest request = routing.request();
            var call = Edge.enter(request, parts.context().ticker().nanos(), config.timeout());
            Edge.fail(
                    request,
                    call,
                    Fault.of(FaultCode.NOT_FOUND, "There is no " + request.method() + " " + request.path() + " here."));
        });
        return router;
    }

    private static boolean longLived(HttpServerRequest request) {
        String path = request.path();
        return "websocket".equalsIgnoreCase(request.getHeader(HttpHeaders.UPGRADE))
                || (path != null && (path.endsWith("/stream") || path.endsWith("/events")));
    }

    private static HttpServerOptions options(ServerConfig config) {
        return OperationsRoutes.configure(new HttpServerOptions()
                .setHost(config.host())
                .setTcpNoDelay(true)
                .setIdleTimeout((int) Math.max(1, config.idleTimeout().toSeconds()))
                .setMaxHeaderSize(MAX_HEAD)
                .setMaxInitialLineLength(MAX_LINE)
                .setCompressionSupported(false));
    }
}
