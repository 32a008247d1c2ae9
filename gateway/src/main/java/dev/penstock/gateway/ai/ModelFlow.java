package dev.penstock.gateway.ai;

import dev.penstock.common.config.CacheConfig;
import dev.penstock.common.config.PenstockConfig;
import dev.penstock.common.contract.CacheContract.Entry;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.time.Ticker;
import dev.penstock.common.unit.Bytes;
import dev.penstock.common.upstream.UpstreamClient;
import dev.penstock.gateway.exchange.Answer.Whole;
import dev.penstock.gateway.exchange.Exchange;
import dev.penstock.gateway.exchange.Route;
import dev.penstock.gateway.exchange.Slot;
import dev.penstock.gateway.exchange.Step;
import dev.penstock.gateway.money.UsageLedger;
import dev.penstock.gateway.policy.Failover;
import dev.penstock.gateway.wire.TokenEstimate;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * Answers what one instance answers as a whole, such as a chat: shared requests wait for whoever asked first, all others
 * call an instance under a lease.
 */
public final class ModelFlow {
    /** A whole answer larger than this is a fault of the model's server. */
    private static final int MAX_ANSWER = 64 * 1024 * 1024;

    private final CallTools tools;
    private final Flights flights;
    private final CacheConfig config;

    /** @param live the configuration in force; a pool may choose an instance that came after a request began */
    public ModelFlow(
            Vertx vertx,
            Supplier<PenstockConfig> live,
            Leases leases,
            Submissions submissions,
            UpstreamClient client,
            UsageLedger ledger,
            Flights flights,
            CacheConfig config,
            Failover failover,
            Ticker ticker,
            Clock clock,
            Duration heartbeat) {
        this.tools = new CallTools(
                vertx, live, leases, submissions, client, ledger, failover, ticker, clock, heartbeat, MAX_ANSWER);
        this.flights = flights;
        this.config = config;
    }

    /** Works until there is an answer, or a first byte of one, or a fault, and then resumes the exchange. */
    public void run(Exchange exchange) {
        if (exchange.slots().isEmpty() || exchange.slots().getFirst().state() != Slot.State.JOIN) {
            call(exchange);
            return;
        }
        Slot slot = exchange.slots().getFirst();
        flights.await(exchange, slot).onComplete(done -> {
            try {
                landed(exchange, slot);
            } catch (RuntimeException e) {
                exchange.resume(exchange.defect(e));
            }
        });
    }

    private void landed(Exchange exchange, Slot slot) {
        Fault fault = slot.fault();
        if (slot.answered()) {
            exchange.resume(exchange.answer(new Whole(slot.entry().body().asBuffer())));
        } else if (fault != null) {
            exchange.resume(exchange.refuse(fault));
        } else {
            call(exchange);
        }
    }

    private void call(Exchange exchange) {
        if (exchange.request().response().closed()) {
            exchange.resume(exchange.refuse(Exchange.gone()));
            return;
        }
        if (exchange.route() == Route.COUNT_TOKENS && !TokenEstimate.countedBy(exchange.model())) {
            exchange.request().response().putHeader("x-penstock-estimated", "true");
            exchange.resume(exchange.answer(new Whole(TokenEstimate.answer(exchange.asked()))));
            return;
        }
        LeasedCall call = new LeasedCall(tools, exchange, this::answered);
        if (exchange.once() == null || exchange.asked().stream()) {
            exchange.onHangUp(call::cancel);
        } // else it is finished and kept: who sends an Idempotency-Key asks again
        call.start();
    }

    private Step answered(Exchange exchange, LeasedCall.Result result) {
        if (!exchange.slots().isEmpty()) {
            exchange.slots()
                    .getFirst()
                    .computed(new Entry(
                            "application/json",
                            Bytes.of(result.reading().body()),
                            tools.clock().millis(),
                            exchange.asked().form().modelOptional() ? config.analysisTtl() : config.completionTtl(),
                            Duration.ofNanos(result.latencyNanos()),
                            result.reading().usage(),
                            result.reading().model()));
        }
        return exchange.answer(new Whole(result.reading().body()));
    }
}
