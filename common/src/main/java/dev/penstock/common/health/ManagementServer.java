package dev.penstock.common.health;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.penstock.common.config.ServerConfig;
import dev.penstock.common.config.TlsConfig;
import dev.penstock.common.contract.MonitorContract.ProcessHealth;
import dev.penstock.common.lifecycle.StartException;
import dev.penstock.common.log.LogSetup;
import dev.penstock.common.tls.ServerTls;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.ServerSSLOptions;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The private port of a process: metrics, health, log levels. It has no authentication, so it listens on loopback unless
 * told otherwise.
 *
 * <ul>
 *   <li>{@code GET /metrics}: Prometheus text
 *   <li>{@code GET /health/live}: 200 while the event loop answers
 *   <li>{@code GET /health/ready}: 200 while the process wants traffic, else 503
 *   <li>{@code GET /health}: every check as JSON; 503 where one is unhealthy
 *   <li>{@code GET /log-level?logger=L}, {@code PUT /log-level?logger=L&level=debug}
 * </ul>
 */
public final class ManagementServer {
    private static final Logger log = LoggerFactory.getLogger(ManagementServer.class);
    private static final int PORTS_TO_TRY = 50;
    private static final int MAX_PORT = 65_535;
    private static final int IDLE_SECONDS = 30;
    private static final String TEXT = "text/plain; charset=utf-8";
    private static final String JSON = "application/json";
    private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

    private final Vertx vertx;
    private final Health health;
    private final Supplier<String> metrics;
    private final ObjectMapper mapper = new ObjectMapper();
    private @Nullable HttpServer server;
    private @Nullable ServerSSLOptions tls;
    private long watch = -1;

    /** @param metrics everything in Prometheus text format; called on a worker thread, since it may be long */
    public ManagementServer(Vertx vertx, Health health, Supplier<String> metrics) {
        this.vertx = vertx;
        this.health = health;
        this.metrics = metrics;
    }

    /**
     * Listens on the configured port, or on the next free one if that is taken.
     *
     * @return the port; failed with a {@link StartException} if none of {@value #PORTS_TO_TRY} is free or the address is
     *     not ours
     */
    public Future<Integer> start(ServerConfig config) {
        TlsConfig wanted = config.tls();
        if (!wanted.management()) {
            return listen(config.managementHost(), config.managementPort(), PORTS_TO_TRY);
        }
        return vertx.executeBlocking(() -> ServerTls.read(wanted), false)
                .compose(read -> {
                    tls = read;
                    return listen(config.managementHost(), config.managementPort(), PORTS_TO_TRY);
                })
                .onSuccess(port -> {
                    HttpServer listening = server;
                    ServerSSLOptions served = tls;
                    if (listening != null && served != null) {
                        watch = ServerTls.watch(vertx, wanted, served, listening);
                    }
                });
    }

    /** Stops listening and closes what is open. */
    public Future<Void> stop() {
        vertx.cancelTimer(watch);
        return server == null ? Future.succeededFuture() : server.close();
    }

    private Future<Integer> listen(String host, int port, int left) {
        HttpServerOptions options = new HttpServerOptions()
                .setIdleTimeout(IDLE_SECONDS)
                .setIdleTimeoutUnit(TimeUnit.SECONDS)
                .setCompressionSupported(true);
        if (tls != null) {
            ServerTls.apply(options, tls);
        }
        return vertx.createHttpServer(options)
                .requestHandler(this::handle)
                .listen(port, host)
                .map(listening -> {
                    server = listening;
                    log.info("management on {}://{}:{}", tls == null ? "http" : "https", host, listening.actualPort());
                    return listening.actualPort();
                })
                .recover(cause -> BindFailure.taken(cause) && left > 1 && port > 0 && port < MAX_PORT
                        ? listen(host, port + 1, left - 1)
                        : Future.failedFuture(new StartException(
                                "The management port " + port + " on " + host + " cannot be listened on ("
                                        + BindFailure.reason(cause)
                                        + "); see server.management-host and server.management-port.",
                                cause)));
    }

    private void handle(HttpServerRequest request) {
        switch (request.path()) {
            case "/metrics" -> read(request, () -> metrics(request));
            case "/health/live" -> read(request, () -> answer(request, 200, TEXT, "live\n"));
            case "/health/ready" -> read(request, () -> answer(request, health.ready() ? 200 : 503, TEXT, readiness()));
            case "/health" -> read(request, () -> health(request));
            case "/log-level" -> logLevel(request);
            case null, default -> answer(request, 404, TEXT, "There is /metrics, /health, /log-level.\n");
        }
    }

    private String readiness() {
        return health.ready() ? "ready\n" : "not ready\n";
    }

    private static void read(HttpServerRequest request, Runnable work) {
        if (HttpMethod.GET.equals(request.method()) || HttpMethod.HEAD.equals(request.method())) {
            work.run();
        } else {
            request.response().putHeader("allow", "GET, HEAD");
            answer(request, 405, TEXT, "Only GET.\n");
        }
    }

    private void metrics(HttpServerRequest request) {
        vertx.executeBlocking(metrics::get, false)
                .onSuccess(text -> answer(request, 200, PROMETHEUS, text))
                .onFailure(cause -> {
                    log.warn("the metrics cannot be read", cause);
                    answer(request, 500, TEXT, "The metrics cannot be read; the log says why.\n");
                });
    }

    private void health(HttpServerRequest request) {
        try {
            ProcessHealth report = health.report();
            ObjectNode body = mapper.createObjectNode();
            body.put("status", lower(report.status()));
            body.put("ready", health.ready());
            body.put("configHash", report.configHash());
            var checks = body.putArray("checks");
            report.checks()
                    .forEach(check -> checks.addObject()
                            .put("name", check.name())
                            .put("status", lower(check.status()))
                            .put("detail", check.detail()));
            int status = lower(report.status()).equals("unhealthy") ? 503 : 200;
            answer(request, status, JSON, mapper.writeValueAsString(body));
        } catch (JsonProcessingException e) {
            log.warn("health could not be written", e);
            answer(request, 500, JSON, "{\"status\":\"unknown\"}");
        }
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    private void logLevel(HttpServerRequest request) {
        String logger = request.getParam("logger", "dev.penstock");
        String level = request.getParam("level");
        try {
            if (HttpMethod.PUT.equals(request.method())) {
                if (level == null) {
                    throw new IllegalArgumentException("name the level, as in ?logger=dev.penstock&level=debug");
                }
                LogSetup.level(logger, level);
                log.warn("log level of {} is now {}", logger, LogSetup.level(logger));
            } else if (!HttpMethod.GET.equals(request.method())) {
                request.response().putHeader("allow", "GET, PUT");
                answer(request, 405, TEXT, "Only GET and PUT.\n");
                return;
            }
            ObjectNode body = mapper.createObjectNode();
            body.put("logger", logger).put("level", LogSetup.level(logger));
            answer(request, 200, JSON, body.toString());
        } catch (IllegalArgumentException e) {
            answer(request, 400, TEXT, e.getMessage() + "\n");
        }
    }

    private static void answer(HttpServerRequest request, int status, String type, String body) {
        if (request.response().ended() || request.response().closed()) {
            return;
        }
        request.response()
                .setStatusCode(status)
                .putHeader("content-type", type)
                .putHeader("cache-control", "no-store")
                .putHeader("x-content-type-options", "nosniff")
                .end(body)
                .onFailure(cause -> log.debug("the reader went away: {}", String.valueOf(cause)));
    }
}
