package dev.penstock.gateway.route;

import dev.penstock.common.config.AffinityConfig;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.pool.Pick;
import dev.penstock.common.pool.Pool;
import dev.penstock.common.pool.Selection;
import dev.penstock.common.time.Ticker;
import dev.penstock.gateway.exchange.Exchange;
import dev.penstock.gateway.guard.content.ContentCheck;
import dev.penstock.gateway.http.ClientAddress;
import dev.penstock.gateway.route.policy.PlainRoute;
import dev.penstock.gateway.route.policy.RouteTarget;
import io.vertx.core.Vertx;
import io.vertx.core.http.ConnectionPoolTooBusyException;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.CookieSameSite;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.HostAndPort;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What all calls of one route share in one gateway: its connections, its servers, its rules. Safe for many event loops. */
final class UpstreamRoute {
    private final PlainRoute route;
    private final Vertx vertx;
    private final Ticker ticker;
    private final Pool pool;
    private final @Nullable Validation validation;
    private final @Nullable ContentCheck uploads;
    private final HeaderRules requestRules;
    private final HeaderRules responseRules;
    private final long connectNanos;
    private final long firstByteNanos;
    private final long idleNanos;

    /**
     * @param validation null where nothing is validated
     * @param uploads null where bodies are not checked
     */
    UpstreamRoute(
            PlainRoute route,
            Pool pool,
            @Nullable Validation validation,
            @Nullable ContentCheck uploads,
            Vertx vertx,
            Ticker ticker) {
        this.route = route;
        this.uploads = uploads;
        this.validation = validation;
        this.pool = pool;
        this.vertx = vertx;
        this.ticker = ticker;
        this.requestRules = new HeaderRules(route.config().requestHeaders());
        this.responseRules = new HeaderRules(route.config().responseHeaders());
        var connections = pool.config().connections();
        this.connectNanos = connections.connectTimeout().toNanos();
        this.firstByteNanos = connections.timeout().toNanos();
        this.idleNanos = route.config().timeouts().idle().toNanos();
    }

    PlainRoute route() {
        return route;
    }

    Vertx vertx() {
        return vertx;
    }

    Ticker ticker() {
        return ticker;
    }

    /** Null where nothing is checked. */
    @Nullable
    Validation validation() {
        return validation;
    }

    /** Null where bodies are streamed unchecked. */
    @Nullable
    ContentCheck uploads() {
        return uploads;
    }

    /** Bytes that a body may have. */
    long mostBody() {
        long most = route.config().maxBody().bytes();
        return validation == null
                ? most
                : Math.min(most, route.config().validation().maxBody().bytes());
    }

    Pool pool() {
        return pool;
    }

    HeaderRules requestRules() {
        return requestRules;
    }

    HeaderRules responseRules() {
        return responseRules;
    }

    long connectNanos() {
        return connectNanos;
    }

    long firstByteNanos() {
        return firstByteNanos;
    }

    long idleNanos() {
        return idleNanos;
    }

    /** Where an attempt goes; its headers come later. Redirects are the caller's to follow. */
    RequestOptions options(Exchange exchange, RouteTarget target, Pick pick) {
        return pick.request(exchange.request().method(), target.upstreamPath()).setFollowRedirects(false);
    }

    /** What a request asks of the pool. */
    Selection selection(Exchange exchange, RouteTarget target) {
        AffinityConfig affinity = pool.config().affinity();
        HttpServerRequest request = exchange.request();
        String caller = switch (affinity.by()) {
            case NONE -> null;
            case COOKIE -> cookie(request, affinity.name());
            case HEADER -> request.getHeader(affinity.name());
            case ADDRESS -> ClientAddress.of(request);
        };
        return Selection.of(target.path(), caller);
    }

    private static @Nullable String cookie(HttpServerRequest request, String name) {
        Cookie cookie = request.getCookie(name);
        return cookie == null ? null : cookie.getValue();
    }

    /** The affinity cookie for the answer, or null where the caller needs none. */
    @Nullable
    String cookie(Pick pick, boolean secure) {
        String token = pick.cookie();
        if (token == null) {
            return null;
        }
        AffinityConfig affinity = pool.config().affinity();
        Cookie cookie = Cookie.cookie(affinity.name(), token)
                .setPath(
                        route.rewrite().prefix().isEmpty()
                                ? "/"
                                : route.rewrite().prefix())
                .setHttpOnly(true)
                .setSecure(secure)
                .setSameSite(CookieSameSite.LAX)
                .setMaxAge(Math.max(1, affinity.ttl().toSeconds()));
        return cookie.encode();
    }

    /** The caller's own authority, for routes whose servers want to see it; null for the server's. */
    static HostAndPort authority(RouteTarget target, Exchange exchange) {
        HostAndPort asked = exchange.request().authority();
        return asked == null ? HostAndPort.authority(target.host()) : asked;
    }

    /** What a caller is told where no connection could be had. */
    Fault unreachable(Throwable cause) {
        if (cause instanceof ConnectionPoolTooBusyException) {
            return Fault.retryLater(
                    FaultCode.OVERLOADED,
                    "All connections of the route '" + route.name() + "' are busy.",
                    Duration.ofSeconds(1));
        }
        return Fault.of(FaultCode.UPSTREAM_ERROR, "The server of the route '" + route.name() + "' cannot be reached.");
    }
}
