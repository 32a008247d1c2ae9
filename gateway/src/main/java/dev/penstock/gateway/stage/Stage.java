package dev.penstock.gateway.stage;

import dev.penstock.gateway.exchange.Exchange;
import dev.penstock.gateway.exchange.Step;

/** One step of a request. Shared by all requests of an event loop: keeps nothing about any of them. */
@FunctionalInterface
public interface Stage {
    /** Does its part and says what comes next. A {@code Fault} that is thrown is the caller's answer. */
    Step enter(Exchange exchange);
}
