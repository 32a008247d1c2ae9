package dev.penstock.gateway.ai;

import dev.penstock.common.bus.Bus;
import dev.penstock.common.bus.CallContext;
import dev.penstock.common.contract.CacheContract;
import dev.penstock.common.contract.CacheContract.Abandon;
import dev.penstock.common.contract.CacheContract.Await;
import dev.penstock.common.contract.CacheContract.AwaitReply;
import dev.penstock.common.contract.CacheContract.Failed;
import dev.penstock.common.contract.CacheContract.Landed;
import dev.penstock.common.contract.CacheContract.Promoted;
import dev.penstock.common.contract.CacheContract.Reason;
import dev.penstock.common.contract.CacheContract.Store;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.time.Deadline;
import dev.penstock.common.time.Ticker;
import dev.penstock.gateway.exchange.Exchange;
import dev.penstock.gateway.exchange.Slot;
import io.vertx.core.Future;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The flights of a request at cache-service: waited for, and ended on every path. */
public final class Flights {
    private static final Logger log = LoggerFactory.getLogger(Flights.class);
    /** For ending a flight after the request's own time may be spent. */
    private static final Duration ENDING = Duration.ofSeconds(5);

    private final Bus bus;
    private final Ticker ticker;
    private final String self;

    public Flights(Bus bus, Ticker ticker, String self) {
        this.bus = bus;
        this.ticker = ticker;
        this.self = self;
    }

    /**
     * Waits for another request's answer. Afterwards the slot is answered, has failed, or is this request's own work.
     * Never fails.
     */
    public Future<Void> await(Exchange exchange, Slot slot) {
        return bus.call(CacheContract.AWAIT, slot.owner(), new Await(slot.key(), slot.flight(), self), exchange.call())
                .transform(result -> {
                    if (result.succeeded()) {
                        settle(slot, result.result());
                    } else {
                        give(slot, Fault.from(result.cause()));
                    }
                    return Future.succeededFuture();
                });
    }

    /** Ends every flight that this request leads: with the answer if there is one. Does not wait. */
    public void end(Exchange exchange) {
        for (Slot slot : exchange.slots()) {
            if (slot.led()) {
                end(exchange, slot);
            }
        }
    }

    /** Ends one flight that this request leads. Does not wait. */
    public void end(Exchange exchange, Slot slot) {
        CallContext call = new CallContext(
                exchange.call().correlationId(), exchange.call().traceparent(), Deadline.after(ticker.nanos(), ENDING));
        Future<?> ended = slot.computed()
                ? bus.call(CacheContract.STORE, slot.owner(), new Store(slot.key(), slot.flight(), slot.entry()), call)
                : bus.call(
                        CacheContract.ABANDON,
                        slot.owner(),
                        new Abandon(slot.key(), slot.flight(), reason(exchange.fault())),
                        call);
        ended.onFailure(e -> log.debug("flight {} was not ended: {}", slot.flight(), e.getMessage()));
    }

    private static Reason reason(@Nullable Fault fault) {
        return fault != null && fault.code() == FaultCode.CANCELLED ? Reason.CANCELLED : Reason.FAILED;
    }

    private static void settle(Slot slot, AwaitReply reply) {
        switch (reply) {
            case Landed landed -> slot.landed(landed.entry());
            case Promoted promoted -> slot.lead(slot.owner(), promoted.flight());
            case Failed failed -> give(slot, Fault.of(failed.code(), failed.message()));
        }
    }

    /** After a failure that says nothing about the question itself the request does the work alone. */
    private static void give(Slot slot, Fault fault) {
        if (fault.retryable() && fault.code() != FaultCode.TIMEOUT) {
            slot.alone();
        } else {
            slot.failed(fault);
        }
    }
}
