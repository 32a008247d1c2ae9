package dev.penstock.gateway;

import dev.penstock.common.fault.Fault;
import dev.penstock.common.time.Ticker;
import dev.penstock.gateway.http.Edge;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import java.time.Duration;

/** Sends whoever asks by http to the same address by https, with 308, so that a POST stays one. */
final class RedirectServer {
    private static final int PERMANENT = 308;
    private static final int HTTPS = 443;
    private static final int IDLE_SECONDS = 10;
    private static final Duration BUDGET = Duration.ofSeconds(5);

    private RedirectServer() {}

    /** @param httpsPort where TLS is spoken */
    static Future<HttpServer> listen(Vertx vertx, Ticker ticker, String host, int port, int httpsPort) {
        return vertx.createHttpServer(
                        new HttpServerOptions().setIdleTimeout(IDLE_SECONDS).setHttp2ClearTextEnabled(false))
                .invalidRequestHandler(request -> InvalidRequests.refuse(request, ticker.nanos()))
                .requestHandler(request -> redirect(request, httpsPort, ticker.nanos()))
                .listen(port, host);
    }

    private static void redirect(HttpServerRequest request, int httpsPort, long nowNanos) {
        var call = Edge.enter(request, nowNanos, BUDGET);
        Edge.closeAfter(request);
        HostAndPort authority = request.authority();
        if (authority == null || authority.host().isEmpty()) {
            Edge.fail(
                    request,
                    call,
                    Fault.invalid("host", "Without a Host header there is no https:// address to go to."));
            return;
        }
        Edge.secure(request, call);
        String port = httpsPort == HTTPS ? "" : ":" + httpsPort;
        String uri = request.uri().startsWith("/") ? request.uri() : "/";
        request.response()
                .setStatusCode(PERMANENT)
                .putHeader(HttpHeaders.LOCATION, "https://" + authority.host() + port + uri)
                .end()
                .onComplete(sent -> request.connection().close());
    }
}
