package dev.penstock.gateway.stage;

import dev.penstock.common.bus.Bus;
import dev.penstock.common.cluster.Membership;
import dev.penstock.common.config.CacheConfig;
import dev.penstock.common.contract.CacheContract;
import dev.penstock.common.contract.CacheContract.CacheKey;
import dev.penstock.common.contract.CacheContract.CacheType;
import dev.penstock.common.contract.CacheContract.Entry;
import dev.penstock.common.contract.CacheContract.Hit;
import dev.penstock.common.contract.CacheContract.Join;
import dev.penstock.common.contract.CacheContract.Lead;
import dev.penstock.common.contract.CacheContract.Lookup;
import dev.penstock.common.contract.CacheContract.LookupReply;
import dev.penstock.common.contract.CacheContract.Outcome;
import dev.penstock.common.contract.Usage;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.service.Role;
import dev.penstock.common.time.Ticker;
import dev.penstock.gateway.ai.Flights;
import dev.penstock.gateway.exchange.Answer.Whole;
import dev.penstock.gateway.exchange.Exchange;
import dev.penstock.gateway.exchange.Once;
import dev.penstock.gateway.exchange.Slot;
import dev.penstock.gateway.exchange.Step;
import dev.penstock.gateway.exchange.Timings.Phase;
import dev.penstock.gateway.nearcache.KeyHasher;
import dev.penstock.gateway.wire.Form;
import dev.penstock.gateway.wire.ModelRequest;
import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Gives the answer to an {@code Idempotency-Key} once and then again: what was answered first is kept for a time and
 * answered to whoever of the tenant comes with the same key and body to the same endpoint; who comes while the first is
 * still at work waits for it. A flight at cache-service, as for cached answers, makes this hold in all gateways. Where
 * cache-service is away the request goes on without it.
 */
public final class IdempotencyStage implements Stage {
    static final String HEADER = "idempotency-key";
    private static final int LONGEST = 255;
    private static final Duration COME_BACK = Duration.ofSeconds(1);
    private static final byte[] FINGERPRINT = "fingerprint".getBytes(StandardCharsets.US_ASCII);

    private final Bus bus;
    private final Membership membership;
    private final Flights flights;
    private final KeyHasher hasher;
    private final CacheConfig config;
    private final Ticker ticker;
    private final Clock clock;

    public IdempotencyStage(
            Bus bus,
            Membership membership,
            Flights flights,
            KeyHasher hasher,
            CacheConfig config,
            Ticker ticker,
            Clock clock) {
        this.bus = bus;
        this.membership = membership;
        this.flights = flights;
        this.hasher = hasher;
        this.config = config;
        this.ticker = ticker;
        this.clock = clock;
    }

    @Override
    public Step enter(Exchange exchange) {
        Form form = exchange.route().form();
        String key = exchange.request().getHeader(HEADER);
        if (key == null || form == null || !form.writes()) {
            return Step.NEXT;
        }
        if (key.isEmpty() || key.length() > LONGEST) {
            throw Fault.invalid("Idempotency-Key", "Idempotency-Key must have 1 to " + LONGEST + " characters.");
        }
        ModelRequest asked = exchange.asked();
        CacheKey name = hasher.key(
                exchange.principal().tenant(),
                CacheType.IDEMPOTENCY,
                form.label().getBytes(StandardCharsets.US_ASCII),
                key.getBytes(StandardCharsets.UTF_8));
        Optional<String> owner = membership.owner(Role.CACHE, name.hash());
        if (owner.isEmpty()) {
            return Step.NEXT;
        }
        CacheKey print =
                hasher.key(exchange.principal().tenant(), CacheType.IDEMPOTENCY, FINGERPRINT, asked.canonical());
        byte[] fingerprint = ByteBuffer.allocate(Once.FINGERPRINT)
                .putLong(print.high())
                .putLong(print.low())
                .array();
        Once once = new Once(new Slot(name, 0), fingerprint, config.maxEntry().bytes());
        look(exchange, once, owner.get());
        return Step.LATER;
    }

    private void look(Exchange exchange, Once once, String owner) {
        long left = exchange.call().deadline().remainingNanos(ticker.nanos());
        Lookup message =
                new Lookup(List.of(once.slot().key()), true, membership.self(), Duration.ofNanos(Math.max(1, left)));
        bus.call(CacheContract.LOOKUP, owner, message, exchange.call()).onComplete(result -> {
            exchange.timings().lap(Phase.CACHE, ticker.nanos());
            LookupReply reply = result.succeeded() ? result.result() : null;
            Outcome outcome = reply == null || reply.outcomes().isEmpty()
                    ? null
                    : reply.outcomes().getFirst();
            switch (outcome) {
                case null -> exchange.resume(Step.NEXT);
                case Hit hit -> exchange.resume(again(exchange, once, hit.entry()));
                case Lead lead -> {
                    once.slot().lead(owner, lead.flight());
                    lead(exchange, once);
                }
                case Join join -> {
                    once.slot().join(owner, join.flight());
                    join(exchange, once);
                }
            }
        });
    }

    private void lead(Exchange exchange, Once once) {
        exchange.once(once);
        exchange.resume(Step.NEXT);
    }

    private void join(Exchange exchange, Once once) {
        if (exchange.asked().stream()) {
            exchange.resume(exchange.refuse(Fault.retryLater(
                    FaultCode.CONFLICT,
                    "A request with this Idempotency-Key is being answered; a stream cannot be joined. Come back when it"
                            + " has ended.",
                    COME_BACK)));
            return;
        }
        flights.await(exchange, once.slot()).onComplete(done -> {
            exchange.timings().lap(Phase.CACHE, ticker.nanos());
            Slot slot = once.slot();
            Fault fault = slot.fault();
            if (slot.answered()) {
                exchange.resume(again(exchange, once, slot.entry()));
            } else if (fault != null) {
                exchange.resume(exchange.refuse(fault));
            } else if (slot.led()) {
                lead(exchange, once);
            } else {
                exchange.resume(Step.NEXT);
            }
        });
    }

    private Step again(Exchange exchange, Once once, Entry entry) {
        if (!once.matches(entry.body())) {
            return exchange.refuse(Fault.detailed(
                    FaultCode.KEY_REUSED,
                    FaultCode.KEY_REUSED.status(),
                    "This Idempotency-Key was used for a request with another body; use a new key for a new request.",
                    "Idempotency-Key",
                    null));
        }
        exchange.replayed(entry);
        return exchange.answer(new Whole(Once.answer(entry.body())));
    }

    /** Ends the flight of a request that led one: with its answer where all of that is there. Does not wait. */
    void settle(Exchange exchange) {
        Once once = exchange.once();
        if (once == null) {
            return;
        }
        Buffer answer = answer(exchange, once);
        if (answer != null
                && answer.length() + Once.FINGERPRINT <= config.maxEntry().bytes()) {
            Slot slot = once.slot();
            slot.computed(new Entry(
                    exchange.asked().stream() ? "text/event-stream; charset=utf-8" : "application/json",
                    once.keep(answer),
                    clock.millis(),
                    config.idempotencyTtl(),
                    Duration.ofNanos(exchange.timings().totalNanos()),
                    Usage.NONE,
                    exchange.model().name()));
        }
        flights.end(exchange, once.slot());
    }

    /** A whole answer counts also where its caller has gone meanwhile: it will ask again. */
    private static @Nullable Buffer answer(Exchange exchange, Once once) {
        Fault fault = exchange.fault();
        if (exchange.asked().stream()) {
            return fault == null ? once.recorded() : null;
        }
        if (fault != null && fault.code() != FaultCode.CANCELLED) {
            return null;
        }
        if (exchange.answer() instanceof Whole whole) {
            return whole.body();
        }
        boolean cached =
                !exchange.slots().isEmpty() && exchange.slots().getFirst().answered();
        return cached ? exchange.slots().getFirst().entry().body().asBuffer() : null;
    }
}
