package dev.penstock.gateway.stage;

import dev.penstock.common.contract.Usage;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.time.Ticker;
import dev.penstock.gateway.exchange.Estimate;
import dev.penstock.gateway.exchange.Exchange;
import dev.penstock.gateway.exchange.Reservation;
import dev.penstock.gateway.exchange.Reserver;
import dev.penstock.gateway.exchange.Step;
import dev.penstock.gateway.exchange.Timings.Phase;
import io.vertx.core.Future;
import java.util.List;
import java.util.function.Function;

/**
 * Sets aside what the work will probably use, before it is sent. Comes after the caches: what they answer costs nothing.
 * All or nothing: a refusal gives back what was set aside before it.
 */
public final class ReserveStage implements Stage {
    private final List<Reserver> reservers;
    private final Function<Exchange, Estimate> estimator;
    private final Ticker ticker;

    /** @param reservers asked in order */
    public ReserveStage(List<Reserver> reservers, Function<Exchange, Estimate> estimator, Ticker ticker) {
        this.reservers = List.copyOf(reservers);
        this.estimator = estimator;
        this.ticker = ticker;
    }

    @Override
    public Step enter(Exchange exchange) {
        if (reservers.isEmpty() || exchange.route().work() == null) {
            return Step.NEXT;
        }
        exchange.timings().lap(Phase.CACHE, ticker.nanos());
        Future<Void> reserved = reserve(exchange, estimator.apply(exchange), 0);
        if (reserved.isComplete()) {
            return done(exchange, reserved);
        }
        reserved.onComplete(result -> exchange.resume(() -> done(exchange, reserved)));
        return Step.LATER;
    }

    private Future<Void> reserve(Exchange exchange, Estimate estimate, int from) {
        for (int i = from; i < reservers.size(); i++) {
            Future<Reservation> next = reservers.get(i).reserve(exchange, estimate);
            if (!next.isComplete()) {
                int after = i + 1;
                return next.compose(got -> {
                    exchange.reserved(got);
                    return reserve(exchange, estimate, after);
                });
            }
            if (next.failed()) {
                return Future.failedFuture(next.cause());
            }
            exchange.reserved(next.result());
        }
        return Future.succeededFuture();
    }

    private Step done(Exchange exchange, Future<Void> reserved) {
        exchange.timings().lap(Phase.LIMIT, ticker.nanos());
        if (reserved.succeeded()) {
            return Step.NEXT;
        }
        exchange.settleReservations(Usage.NONE);
        return exchange.refuse(Fault.from(reserved.cause()));
    }
}
