package dev.penstock.gateway.route;

import dev.penstock.gateway.exchange.Exchange;
import dev.penstock.gateway.route.policy.RouteTarget;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;

/** Judges a request whose body is there. Safe for many event loops. */
@FunctionalInterface
interface Validation {
    /** Fails with the {@code Fault} that names the place and the rule. */
    Future<Void> check(Exchange exchange, RouteTarget target, Buffer body);
}
