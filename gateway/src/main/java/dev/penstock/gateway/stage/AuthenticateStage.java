package dev.penstock.gateway.stage;

import dev.penstock.common.time.Ticker;
import dev.penstock.gateway.auth.AuthResult.Authenticated;
import dev.penstock.gateway.auth.AuthResult.Rejected;
import dev.penstock.gateway.auth.Authenticator;
import dev.penstock.gateway.exchange.Exchange;
import dev.penstock.gateway.exchange.Step;
import dev.penstock.gateway.exchange.Timings.Phase;
import dev.penstock.gateway.route.RouteAccess;
import dev.penstock.gateway.route.policy.RouteTarget;

/** Establishes who calls. */
public final class AuthenticateStage implements Stage {
    private final Authenticator authenticator;
    private final Ticker ticker;

    public AuthenticateStage(Authenticator authenticator, Ticker ticker) {
        this.authenticator = authenticator;
        this.ticker = ticker;
    }

    @Override
    public Step enter(Exchange exchange) {
        exchange.timings().lap(Phase.GATEWAY, ticker.nanos());
        RouteTarget upstream = exchange.upstream();
        if (upstream != null && upstream.route().open()) {
            exchange.principal(RouteAccess.anybody(exchange.request()));
            return Step.NEXT;
        }
        Step step = switch (authenticator.authenticate(exchange.request())) {
            case Authenticated known -> {
                exchange.principal(known.principal());
                yield Step.NEXT;
            }
            case Rejected rejected -> exchange.refuse(rejected.fault());
        };
        exchange.timings().lap(Phase.AUTH, ticker.nanos());
        return step;
    }
}
