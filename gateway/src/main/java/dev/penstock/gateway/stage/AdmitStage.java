package dev.penstock.gateway.stage;

import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.time.Ticker;
import dev.penstock.gateway.exchange.Exchange;
import dev.penstock.gateway.exchange.Step;
import dev.penstock.gateway.exchange.Timings.Phase;
import dev.penstock.gateway.limit.Limiter;
import dev.penstock.gateway.policy.WindowSet.Decision;
import io.vertx.core.Future;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Counts the request against the key's windows. Keys without limits pass without a hop. */
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
        Future<@Nullable Decision> decision = limiter.decide(
                exchange.principal().keyId(),
                exchange.route().operation(),
                exchange.route().operationClass());
        if (decision.isComplete()) {
            return decided(exchange, decision.result());
        }
        decision.onComplete(result -> exchange.resume(decided(exchange, result.result())));
        return Step.LATER;
    }

    private Step decided(Exchange exchange, @Nullable Decision decision) {
        exchange.timings().lap(Phase.LIMIT, ticker.nanos());
        if (decision == null) {
            return Step.NEXT;
        }
        exchange.limit(decision);
        if (decision.admitted()) {
            return Step.NEXT;
        }
        metrics.limited(exchange.route().operationClass(), decision.window());
        return exchange.refuse(Fault.retryLater(
                FaultCode.RATE_LIMITED,
                "Rate limit reached: " + decision.limit() + " requests per " + decision.window() + " for '"
                        + exchange.route().operation() + "'.",
                Duration.ofMillis(decision.retryMillis())));
    }
}
