package dev.penstock.gateway.stage;

import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.time.Ticker;
import dev.penstock.gateway.exchange.Exchange;
import dev.penstock.gateway.exchange.Step;
import dev.penstock.gateway.exchange.Timings.Phase;
import dev.penstock.gateway.http.ClientAddress;
import dev.penstock.gateway.limit.Allowance;
import dev.penstock.gateway.limit.Caller;
import dev.penstock.gateway.limit.Limiter;
import dev.penstock.gateway.policy.WindowSet.Decision;
import java.time.Duration;

/** Counts the request under all limits that hold for its caller. What memory can decide passes without a hop. */
public final class AdmitStage implements Stage {
    private final Limiter limiter;
    private final Ticker ticker;
    private final RequestMetrics metrics;

    public AdmitStage(Limiter limiter, Ticker ticker, RequestMetrics metrics) {
        this.limiter = limiter;
        this.ticker = ticker;
        this.metrics = metrics;
    }

    @Override
    public Step enter(Exchange exchange) {
        if (exchange.principal().unlimited()) {
            return Step.NEXT;
        }
        Caller caller = Caller.of(exchange.principal(), ClientAddress.group(exchange.request()));
        Allowance allowance = limiter.allowance(caller, exchange.operation(), exchange.operationClass());
        if (allowance == null) {
            exchange.timings().lap(Phase.LIMIT, ticker.nanos());
            return Step.NEXT;
        }
        Decision known = allowance.now();
        if (known != null) {
            return decided(exchange, known);
        }
        allowance
                .ask()
                .onComplete(result -> exchange.resume(() -> result.succeeded()
                        ? decided(exchange, result.result())
                        : exchange.refuse(Fault.from(result.cause()))));
        return Step.LATER;
    }

    private Step decided(Exchange exchange, Decision decision) {
        exchange.timings().lap(Phase.LIMIT, ticker.nanos());
        exchange.limit(decision);
        if (decision.admitted()) {
            return Step.NEXT;
        }
        metrics.limited(exchange.operationClass(), decision.window());
        return exchange.refuse(Fault.retryLater(
                FaultCode.RATE_LIMITED,
                "Rate limit reached: " + decision.limit() + " requests per " + decision.window() + " for '"
                        + exchange.operation() + "'.",
                Duration.ofMillis(decision.retryMillis())));
    }
}
