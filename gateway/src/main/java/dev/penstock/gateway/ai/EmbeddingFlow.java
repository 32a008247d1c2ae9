package dev.penstock.gateway.ai;

import dev.penstock.common.bus.Bus;
import dev.penstock.common.cluster.Membership;
import dev.penstock.common.config.CacheConfig;
import dev.penstock.common.contract.BatchContract;
import dev.penstock.common.contract.BatchContract.Done;
import dev.penstock.common.contract.BatchContract.Item;
import dev.penstock.common.contract.BatchContract.ItemResult;
import dev.penstock.common.contract.BatchContract.Refused;
import dev.penstock.common.contract.BatchContract.Submit;
import dev.penstock.common.contract.BatchContract.SubmitReply;
import dev.penstock.common.contract.CacheContract.Entry;
import dev.penstock.common.contract.Operation;
import dev.penstock.common.contract.Usage;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.service.Role;
import dev.penstock.common.time.Ticker;
import dev.penstock.common.unit.Bytes;
import dev.penstock.gateway.exchange.Estimate;
import dev.penstock.gateway.exchange.Exchange;
import dev.penstock.gateway.exchange.Slot;
import dev.penstock.gateway.exchange.Timings.Phase;
import dev.penstock.gateway.money.Attempt;
import dev.penstock.gateway.money.UsageLedger;
import dev.penstock.gateway.policy.PoolMove;
import dev.penstock.gateway.wire.EmbeddingInput;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Embeds what no cache had: own items go to the model's lane in one call, others' are waited for. */
public final class EmbeddingFlow {
    private final Vertx vertx;
    private final Bus bus;
    private final Membership membership;
    private final Flights flights;
    private final Submissions submissions;
    private final UsageLedger ledger;
    private final CacheConfig config;
    private final Ticker ticker;
    private final Clock clock;

    public EmbeddingFlow(
            Vertx vertx,
            Bus bus,
            Membership membership,
            Flights flights,
            Submissions submissions,
            UsageLedger ledger,
            CacheConfig config,
            Ticker ticker,
            Clock clock) {
        this.vertx = vertx;
        this.bus = bus;
        this.membership = membership;
        this.flights = flights;
        this.submissions = submissions;
        this.ledger = ledger;
        this.config = config;
        this.ticker = ticker;
        this.clock = clock;
    }

    /** Answers every slot; fails with the first fault where one of them cannot be answered. */
    public Future<Void> run(Exchange exchange) {
        List<Slot> own = new ArrayList<>();
        List<Future<Void>> parts = new ArrayList<>();
        Parts times = new Parts();
        for (Slot slot : exchange.slots()) {
            switch (slot.state()) {
                case HIT -> {}
                case JOIN -> parts.add(joined(exchange, slot, times));
                case OPEN, LEAD, ALONE -> own.add(slot);
            }
        }
        if (!own.isEmpty()) {
            parts.add(submit(exchange, own, times, 1));
        }
        return Future.join(parts).transform(done -> {
            times.apply(exchange, ticker.nanos());
            return outcome(exchange);
        });
    }

    private Future<Void> joined(Exchange exchange, Slot slot, Parts times) {
        return flights.await(exchange, slot)
                .compose(done -> slot.answered() || slot.fault() != null
                        ? Future.succeededFuture()
                        : submit(exchange, List.of(slot), times, 1));
    }

    private Future<Void> submit(Exchange exchange, List<Slot> slots, Parts times, int attempt) {
        if (exchange.request().response().closed()) {
            slots.forEach(slot -> slot.failed(Exchange.gone()));
            return Future.succeededFuture();
        }
        Submit message = message(exchange, slots);
        int[] weights = message.items().stream().mapToInt(Item::weight).toArray();
        Attempt begun = ledger.begin(
                exchange, "", attempt, new Estimate(Arrays.stream(weights).sum(), 0));
        exchange.onHangUp(() -> submissions.cancel(exchange.model().name(), message.submission(), exchange.call()));
        String owner = owner(exchange);
        return bus.callOwner(BatchContract.SUBMIT, exchange.model().name(), message, exchange.call())
                .transform(result -> {
                    if (result.succeeded()) {
                        begun.merged(result.result().results(), weights);
                        settle(exchange, slots, result.result(), times);
                        return Future.succeededFuture();
                    }
                    Fault fault = Fault.from(result.cause());
                    begun.failed(fault.code());
                    long pause = PoolMove.pauseMillis(fault, attempt, owner, owner(exchange));
                    if (pause > 0) {
                        return vertx.timer(pause, TimeUnit.MILLISECONDS)
                                .compose(waited -> submit(exchange, slots, times, attempt + 1));
                    }
                    exchange.retried(attempt > 1);
                    slots.forEach(slot -> slot.failed(fault));
                    return Future.succeededFuture();
                });
    }

    private @Nullable String owner(Exchange exchange) {
        return membership.owner(Role.BATCHING, exchange.model().name()).orElse(null);
    }

    private Submit message(Exchange exchange, List<Slot> slots) {
        List<Item> items = new ArrayList<>(slots.size());
        for (Slot slot : slots) {
            EmbeddingInput input = exchange.embeddings().inputs().get(slot.input());
            items.add(new Item(Bytes.of(input.json()), input.weight()));
        }
        return new Submit(
                exchange.model().name(),
                Operation.EMBEDDINGS,
                exchange.embeddings().params(),
                exchange.principal().tenant(),
                exchange.priority(),
                exchange.call().correlationId(),
                items,
                submissions.gateway(),
                submissions.name());
    }

    private void settle(Exchange exchange, List<Slot> slots, SubmitReply reply, Parts times) {
        List<ItemResult> results = reply.results();
        for (int i = 0; i < slots.size(); i++) {
            Slot slot = slots.get(i);
            switch (i < results.size() ? results.get(i) : missing()) {
                case Done done -> {
                    slot.computed(entry(done));
                    exchange.work().answered(done.instance(), done.attempts(), done.batchSize());
                    times.see(done);
                }
                case Refused refused -> {
                    slot.failed(fault(refused));
                    exchange.retried(true); // the lane tried what could be tried
                }
            }
        }
    }

    private static Refused missing() {
        return new Refused(FaultCode.INTERNAL, 500, "The batching service answered too few items.", 0);
    }

    private static Fault fault(Refused refused) {
        Duration pause = refused.retryAfterMillis() > 0 ? Duration.ofMillis(refused.retryAfterMillis()) : null;
        return Fault.detailed(refused.code(), refused.status(), refused.message(), null, pause);
    }

    private Entry entry(Done done) {
        return new Entry(
                "application/octet-stream",
                done.value(),
                clock.millis(),
                config.embeddingTtl(),
                Duration.ofNanos(done.upstreamNanos()),
                Usage.of(done.tokens(), 0, false),
                done.model());
    }

    private static Future<Void> outcome(Exchange exchange) {
        for (Slot slot : exchange.slots()) {
            if (!slot.answered()) {
                Fault fault = slot.fault();
                return Future.failedFuture(
                        fault == null ? Fault.of(FaultCode.INTERNAL, "An input was not answered.") : fault);
            }
        }
        return Future.succeededFuture();
    }

    /** The longest wait and call among the items: what the request waited for. */
    private static final class Parts {
        private long queueNanos;
        private long upstreamNanos;

        void see(Done done) {
            queueNanos = Math.max(queueNanos, done.queueNanos());
            upstreamNanos = Math.max(upstreamNanos, done.upstreamNanos());
        }

        void apply(Exchange exchange, long nowNanos) {
            exchange.timings().lap(Phase.BATCH, nowNanos);
            exchange.timings().move(Phase.BATCH, Phase.UPSTREAM, upstreamNanos);
            exchange.timings().move(Phase.BATCH, Phase.QUEUE, queueNanos);
        }
    }
}
