package dev.penstock.gateway.route;

import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.pool.Pick;
import dev.penstock.gateway.exchange.Exchange;
import dev.penstock.gateway.exchange.Timings.Phase;
import dev.penstock.gateway.http.Edge;
import dev.penstock.gateway.route.policy.RouteTarget;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An upstream's answer on its way to the caller, as it comes and with backpressure. What breaks after the first byte breaks
 * the caller's connection too, so that nobody takes half an answer for a whole one. Confined to the request's event loop.
 */
final class AnswerRelay {
    private static final long CANCEL_CODE = 0x8;
    private static final Set<String> NOT_IN_TRAILERS = Set.of(
            "content-length", "transfer-encoding", "host", "trailer", "content-type", "content-encoding", "set-cookie");

    private final Exchange exchange;
    private final RouteTarget target;
    private final UpstreamRoute route;
    private final HttpClientRequest upstream;
    private final HttpClientResponse answer;
    private final @Nullable RequestBody sending;
    private final Pick server;
    private final Watch watch;
    private boolean over;

    /** @param sending the body that may still be on its way up; null where all of it is sent */
    AnswerRelay(
            Exchange exchange,
            RouteTarget target,
            UpstreamRoute route,
            HttpClientRequest upstream,
            HttpClientResponse answer,
            @Nullable RequestBody sending,
            Pick server) {
        this.exchange = exchange;
        this.target = target;
        this.route = route;
        this.upstream = upstream;
        this.answer = answer;
        this.sending = sending;
        this.server = server;
        this.watch = new Watch(
                route.vertx(),
                route.ticker(),
                exchange.call().deadline(),
                () -> broken(Fault.of(FaultCode.TIMEOUT, "The server's answer stalled, or nobody read it.")));
    }

    void begin(HttpServerResponse to) {
        exchange.onHangUp(() -> finish(Exchange.gone(), true));
        head(to);
        boolean bodyless = bodyless();
        if (!bodyless) {
            if (!to.headers().contains(HttpHeaders.CONTENT_LENGTH)
                    && exchange.request().version() == HttpVersion.HTTP_1_1) {
                to.setChunked(true);
            }
            to.writeHead();
        }
        watch.allow(route.idleNanos());
        answer.handler(chunk -> pass(chunk, to));
        answer.exceptionHandler(cause ->
                broken(Fault.of(FaultCode.UPSTREAM_ERROR, "The server broke off in the middle of its answer.")));
        answer.endHandler(end -> ended(to));
        answer.resume();
    }

    private void head(HttpServerResponse to) {
        to.setStatusCode(answer.statusCode());
        String phrase = answer.statusMessage();
        if (phrase != null && !phrase.isEmpty()) {
            to.setStatusMessage(phrase);
        }
        MultiMap headers = to.headers();
        MessageHeaders.forCaller(answer.headers(), headers, answer.version());
        route.responseRules()
                .apply(
                        headers,
                        variable -> MessageHeaders.value(
                                variable, exchange, target, server.instance().name()));
        String cookie = route.cookie(server, exchange.request().isSSL());
        if (cookie != null) {
            headers.add(HttpHeaders.SET_COOKIE, cookie);
        }
        if (unsent()) {
            Edge.closeAfter(exchange.request());
        }
        if (exchange.request().version() == HttpVersion.HTTP_1_0 && !headers.contains(HttpHeaders.CONTENT_LENGTH)) {
            headers.set(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        }
    }

    private boolean bodyless() {
        int status = answer.statusCode();
        return exchange.request().method().equals(HttpMethod.HEAD) || status == 204 || status == 304 || status == 205;
    }

    /** Whether the server answered before it had the whole request. */
    private boolean unsent() {
        return sending != null && !sending.complete();
    }

    private void pass(Buffer chunk, HttpServerResponse to) {
        watch.moved();
        if (over || bodyless()) {
            return;
        }
        to.write(chunk);
        if (to.writeQueueFull()) {
            answer.pause();
            to.drainHandler(drained -> {
                watch.moved();
                answer.resume();
            });
        }
    }

    private void ended(HttpServerResponse to) {
        if (over) {
            return;
        }
        if (to.isChunked()) {
            for (var trailer : answer.trailers()) {
                if (!NOT_IN_TRAILERS.contains(trailer.getKey().toLowerCase(Locale.ROOT))) {
                    to.putTrailer(trailer.getKey(), trailer.getValue());
                }
            }
        }
        boolean early = unsent();
        to.end();
        finish(null, early);
        if (early && sending != null) {
            sending.drop();
        }
    }

    private void broken(Fault fault) {
        if (over) {
            return;
        }
        finish(fault, true);
        HttpServerRequest request = exchange.request();
        if (request.version() == HttpVersion.HTTP_2) {
            request.response().reset();
        } else {
            request.connection().close();
        }
    }

    private void finish(@Nullable Fault fault, boolean cancel) {
        if (over) {
            return;
        }
        over = true;
        watch.stop();
        if (cancel) {
            upstream.reset(CANCEL_CODE);
        }
        exchange.timings().lap(Phase.UPSTREAM, route.ticker().nanos());
        exchange.streamed(fault);
    }
}
