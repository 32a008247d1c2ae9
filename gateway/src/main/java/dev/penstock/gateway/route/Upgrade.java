package dev.penstock.gateway.route;

import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.pool.Pick;
import dev.penstock.common.pool.Selection;
import dev.penstock.common.pool.policy.Outcome;
import dev.penstock.common.time.Deadline;
import dev.penstock.gateway.exchange.Answer.Relayed;
import dev.penstock.gateway.exchange.Exchange;
import dev.penstock.gateway.exchange.Timings.Phase;
import dev.penstock.gateway.route.policy.RouteTarget;
import io.vertx.core.Context;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.NetSocket;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Opens a WebSocket through the gateway: the upstream decides about the handshake. Confined to the request's event loop. */
final class Upgrade {
    private static final int SWITCHING = 101;
    private static final String PROTOCOL = "sec-websocket-protocol";
    private static final long CANCEL_CODE = 0x8;
    /** A socket lives as long as something moves on it. */
    private static final Duration FOREVER = Duration.ofDays(36_500);

    private final Exchange exchange;
    private final RouteTarget target;
    private final UpstreamRoute route;
    private final Tunnels tunnels;
    private final Watch watch;
    private Selection selection;
    private int attempts;
    private long startNanos;
    private long headNanos;
    private @Nullable Pick choice;
    private @Nullable HttpClientRequest upstream;
    private boolean over;

    Upgrade(Exchange exchange, RouteTarget target, UpstreamRoute route, Tunnels tunnels) {
        this.exchange = exchange;
        this.target = target;
        this.route = route;
        this.tunnels = tunnels;
        this.selection = route.selection(exchange, target);
        this.watch = new Watch(
                route.vertx(),
                route.ticker(),
                exchange.call().deadline(),
                () -> refuse(Fault.of(FaultCode.TIMEOUT, "The server did not answer in time."), Outcome.FAILURE));
    }

    void begin() {
        exchange.onHangUp(() -> refuse(Exchange.gone(), Outcome.NEUTRAL));
        attempt();
    }

    private void attempt() {
        Pick chosen;
        try {
            chosen = route.pool().pick(selection);
        } catch (Fault nobody) {
            refuse(nobody, Outcome.NEUTRAL);
            return;
        }
        attempts++;
        choice = chosen;
        selection = selection.after(chosen.instance().name());
        startNanos = route.ticker().nanos();
        exchange.work().answered(chosen.instance().name(), attempts, 0);
        watch.allow(route.connectNanos() + route.firstByteNanos());
        route.pool().client().request(route.options(exchange, target, chosen)).onComplete(opened -> {
            if (opened.succeeded()) {
                connect(opened.result(), chosen);
            } else if (!over
                    && attempts < route.pool().config().retries().attempts()
                    && route.pool().retryAllowed()) {
                release(Outcome.UNREACHABLE);
                attempt();
            } else {
                refuse(route.unreachable(opened.cause()), Outcome.UNREACHABLE);
            }
        });
    }

    private void connect(HttpClientRequest request, Pick chosen) {
        if (over) {
            request.reset(CANCEL_CODE);
            return;
        }
        upstream = request;
        request.headers().addAll(MessageHeaders.forUpstream(exchange, target, true));
        route.requestRules()
                .apply(
                        request.headers(),
                        variable -> MessageHeaders.value(
                                variable, exchange, target, chosen.instance().name()));
        if (target.route().config().preserveHost()) {
            request.authority(UpstreamRoute.authority(target, exchange));
        }
        request.connect().onComplete(answer -> {
            if (answer.failed()) {
                refuse(Fault.of(FaultCode.UPSTREAM_ERROR, "The server broke off before it answered."), Outcome.FAILURE);
            } else if (!over) {
                answered(request, answer.result(), chosen);
            }
        });
    }

    private void answered(HttpClientRequest request, HttpClientResponse answer, Pick chosen) {
        over = true;
        headNanos = route.ticker().nanos() - startNanos;
        watch.stop();
        exchange.timings().lap(Phase.UPSTREAM, route.ticker().nanos());
        Pick held = Objects.requireNonNull(choice);
        if (answer.statusCode() == SWITCHING) {
            NetSocket socket = answer.netSocket();
            socket.pause();
            exchange.resume(exchange.answer(new Relayed(to -> open(to, answer, socket, held))));
            return;
        }
        answer.pause();
        choice = null;
        held.done(Passage.outcome(answer), headNanos, Passage.pause(answer));
        exchange.resume(exchange.answer(
                new Relayed(to -> new AnswerRelay(exchange, target, route, request, answer, null, chosen).begin(to))));
    }

    private void open(HttpServerResponse to, HttpClientResponse answer, NetSocket socket, Pick held) {
        HttpServerRequest request = exchange.request();
        MessageHeaders.forCaller(answer.headers(), to.headers(), answer.version());
        to.headers().set(HttpHeaders.CONNECTION, HttpHeaders.UPGRADE).set(HttpHeaders.UPGRADE, "websocket");
        String cookie = route.cookie(held, request.isSSL());
        if (cookie != null) {
            to.headers().add(HttpHeaders.SET_COOKIE, cookie);
        }
        String echo = Credentials.echo(request.headers());
        if (echo != null && !to.headers().contains(PROTOCOL)) {
            to.headers().set(PROTOCOL, echo);
        }
        Context context = Objects.requireNonNull(route.vertx().getOrCreateContext());
        request.toNetSocket().onComplete(caller -> {
            if (caller.failed()) {
                socket.close();
                settle(held, Exchange.gone());
                return;
            }
            tunnel(context, caller.result(), socket, held);
        });
    }

    private void tunnel(Context context, NetSocket caller, NetSocket socket, Pick held) {
        Tunnel[] made = new Tunnel[1];
        Deadline never = Deadline.after(route.ticker().nanos(), FOREVER);
        Watch silence = new Watch(route.vertx(), route.ticker(), never, () -> made[0].end());
        Tunnel tunnel = new Tunnel(context, caller, socket, silence, route.idleNanos());
        made[0] = tunnel;
        tunnel.onEnd(() -> {
            tunnels.closed(tunnel);
            settle(held, null);
        });
        tunnels.opened(tunnel);
        tunnel.begin();
    }

    private void settle(Pick held, @Nullable Fault fault) {
        held.done(Outcome.SUCCESS, headNanos, null);
        exchange.streamed(fault);
    }

    private void refuse(Fault fault, Outcome outcome) {
        if (over) {
            return;
        }
        over = true;
        watch.stop();
        release(outcome);
        HttpClientRequest request = upstream;
        if (request != null) {
            request.reset(CANCEL_CODE);
        }
        exchange.timings().lap(Phase.UPSTREAM, route.ticker().nanos());
        exchange.resume(exchange.refuse(fault));
    }

    private void release(Outcome outcome) {
        Pick held = choice;
        choice = null;
        if (held != null) {
            held.done(outcome, 0, null);
        }
    }
}
