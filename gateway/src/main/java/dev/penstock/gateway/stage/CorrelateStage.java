package dev.penstock.gateway.stage;

import dev.penstock.common.time.Ticker;
import dev.penstock.gateway.exchange.Exchange;
import dev.penstock.gateway.exchange.Step;
import dev.penstock.gateway.http.Edge;
import dev.penstock.gateway.route.policy.RouteTarget;
import java.time.Duration;

/** Gives the request its name, its trace and its deadline. */
public final class CorrelateStage implements Stage {
    private final Ticker ticker;
    private final Duration timeout;
    private final RequestMetrics metrics;

    public CorrelateStage(Ticker ticker, Duration timeout, RequestMetrics metrics) {
        this.ticker = ticker;
        this.timeout = timeout;
        this.metrics = metrics;
    }

    @Override
    public Step enter(Exchange exchange) {
        metrics.begun();
        RouteTarget upstream = exchange.upstream();
        Duration most = upstream == null
                ? timeout
                : upstream.route().config().timeouts().total();
        exchange.call(Edge.enter(exchange.request(), ticker.nanos(), most));
        return Step.NEXT;
    }
}
