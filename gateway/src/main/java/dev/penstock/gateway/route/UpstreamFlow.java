package dev.penstock.gateway.route;

import dev.penstock.gateway.exchange.Exchange;
import dev.penstock.gateway.exchange.Step;
import dev.penstock.gateway.route.policy.RouteTarget;

/** What the stages ask of plain routes. */
public final class UpstreamFlow {
    private final Routes routes;

    public UpstreamFlow(Routes routes) {
        this.routes = routes;
    }

    /** Has the request answered by a server of the route. */
    public Step run(Exchange exchange, RouteTarget target) {
        UpstreamRoute route = routes.of(target.route());
        if (RouteGuard.upgrade(exchange.request())) {
            new Upgrade(exchange, target, route, routes.tunnels()).begin();
        } else {
            new Passage(exchange, target, route).begin();
        }
        return Step.LATER;
    }
}
