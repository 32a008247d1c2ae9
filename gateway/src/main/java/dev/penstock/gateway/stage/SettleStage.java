package dev.penstock.gateway.stage;

import dev.penstock.common.fault.Fault;
import dev.penstock.gateway.ai.Flights;
import dev.penstock.gateway.exchange.Exchange;
import dev.penstock.gateway.exchange.Slot;
import dev.penstock.gateway.exchange.Step;
import dev.penstock.gateway.money.UsageLedger;
import dev.penstock.gateway.nearcache.NearCache;
import java.util.function.Consumer;

/** What is done once the caller has the answer: flights end, answers are kept, the request is counted and logged. */
public final class SettleStage implements Stage {
    private final Flights flights;
    private final IdempotencyStage idempotency;
    private final NearCache near;
    private final UsageLedger ledger;
    private final RequestMetrics metrics;
    private final AccessLog log;
    private final Consumer<Exchange> settled;

    /** @param settled told of each request that is over */
    public SettleStage(
            Flights flights,
            IdempotencyStage idempotency,
            NearCache near,
            UsageLedger ledger,
            RequestMetrics metrics,
            AccessLog log,
            Consumer<Exchange> settled) {
        this.flights = flights;
        this.idempotency = idempotency;
        this.near = near;
        this.ledger = ledger;
        this.metrics = metrics;
        this.log = log;
        this.settled = settled;
    }

    @Override
    public Step enter(Exchange exchange) {
        idempotency.settle(exchange);
        if (exchange.cacheMode() != Exchange.CacheMode.OFF) {
            keep(exchange);
        }
        ledger.settled(exchange);
        exchange.settleReservations(exchange.work().billed());
        Fault fault = exchange.fault();
        int status = fault == null ? exchange.request().response().getStatusCode() : fault.status();
        long nanos = exchange.timings().totalNanos();
        metrics.settled(exchange, status, nanos);
        log.write(exchange, status, nanos);
        settled.accept(exchange);
        return Step.NEXT;
    }

    private void keep(Exchange exchange) {
        flights.end(exchange);
        for (Slot slot : exchange.slots()) {
            if (slot.answered() && slot.near() == null) {
                near.put(slot.key(), slot.entry(), exchange.nearEpoch());
            }
        }
    }
}
