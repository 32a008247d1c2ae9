package dev.penstock.gateway.stage;

import dev.penstock.common.fault.Fault;
import dev.penstock.gateway.ai.Flights;
import dev.penstock.gateway.exchange.Exchange;
import dev.penstock.gateway.exchange.Slot;
import dev.penstock.gateway.exchange.Step;
import dev.penstock.gateway.money.UsageLedger;
import dev.penstock.gateway.nearcache.NearCache;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is done once the caller has the answer: flights end, answers are kept, the request is counted and logged. */
public final class SettleStage implements Stage {
    private static final Logger LOG = LoggerFactory.getLogger(SettleStage.class);

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
        // Each by itself: what fails here must cost nobody a slot, money or the rest.
        part("idempotency", exchange, () -> idempotency.settle(exchange));
        Fault fault = exchange.fault();
        int status = fault == null ? exchange.request().response().getStatusCode() : fault.status();
        long nanos = exchange.timings().totalNanos();
        part(
                "reservations",
                exchange,
                () -> exchange.settleReservations(exchange.work().billed()));
        part("metrics", exchange, () -> metrics.settled(exchange, status, nanos));
        if (exchange.cacheMode() != Exchange.CacheMode.OFF) {
            part("cache", exchange, () -> keep(exchange));
        }
        part("savings", exchange, () -> ledger.settled(exchange));
        part("log", exchange, () -> log.write(exchange, status, nanos));
        part("connection", exchange, () -> settled.accept(exchange));
        return Step.NEXT;
    }

    private static void part(String name, Exchange exchange, Runnable part) {
        try {
            part.run();
        } catch (RuntimeException e) {
            LOG.error("{} of {} not settled", name, exchange.label(), e);
        }
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
