package dev.penstock.gateway.limit;

import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.store.Redis;
import dev.penstock.common.store.Scripts;
import dev.penstock.gateway.exchange.Estimate;
import dev.penstock.gateway.exchange.Exchange;
import dev.penstock.gateway.exchange.Reservation;
import dev.penstock.gateway.exchange.Reserver;
import dev.penstock.gateway.policy.LimitRule;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Limits how many calls to models are under way at once, streams included. Each gateway's calls are counted apart in Redis
 * and lapse {@link #GOOD} after its last word, so that a dead gateway's slots come back; it repeats the true number every
 * third of that, which also heals a release that was lost. While Redis is away each gateway admits its share. Safe for many
 * event loops.
 */
public final class SlotReserver implements Reserver {
    /** How long a gateway's word is good for. */
    static final Duration GOOD = Duration.ofSeconds(15);

    private static final Redis.Script SCRIPT = Scripts.load(SlotReserver.class, "slots.lua");
    private static final Duration RETRY = Duration.ofSeconds(1);

    private final Limiter limiter;
    private final Duration good;
    /** Calls under way here, by key in Redis; bounded by the calls themselves. */
    private final Map<String, AtomicInteger> held = new ConcurrentHashMap<>();

    /** One limit on calls under way. */
    private record Slots(String key, LimitRule rule) {}

    public SlotReserver(Limiter limiter) {
        this(limiter, GOOD);
    }

    SlotReserver(Limiter limiter, Duration good) {
        this.limiter = limiter;
        this.good = good;
    }

    /** Begins to repeat what is held. */
    public void start(Vertx vertx) {
        vertx.setPeriodic(Math.max(1, good.toMillis() / 3), id -> renew());
    }

    @Override
    public Future<Reservation> reserve(Exchange exchange, Estimate estimate) {
        if (exchange.principal().unlimited()) {
            return Future.succeededFuture(Reservation.NONE);
        }
        Caller caller = TokenReserver.caller(exchange);
        String operation = exchange.route().operation();
        String model = exchange.model().name();
        List<Slots> slots = new ArrayList<>(2);
        for (LimitRule rule :
                limiter.workRules(caller, operation, exchange.route().operationClass(), model)) {
            String subject = rule.concurrent() > 0 ? Limiter.subject(rule.scope(), caller, operation, model) : null;
            if (subject != null) {
                slots.add(new Slots("penstock:{limit:" + subject + "}:" + rule.name() + ":slots", rule));
            }
        }
        return slots.isEmpty() ? Future.succeededFuture(Reservation.NONE) : take(slots);
    }

    private Future<Reservation> take(List<Slots> slots) {
        if (!limiter.counted()) {
            return alone(slots);
        }
        // Counted before the answer, so that what is repeated meanwhile is rather too much than too little.
        slots.forEach(this::add);
        return run(
                        "take",
                        keys(slots),
                        slots.stream().map(one -> one.rule().concurrent()).toList())
                .compose(
                        reply -> {
                            Integer answer = reply == null ? null : reply.toInteger();
                            int full = answer == null ? 0 : answer;
                            if (full == 0) {
                                return Future.succeededFuture(reservation(slots));
                            }
                            slots.forEach(this::remove);
                            return full(slots.get(full - 1).rule());
                        },
                        away -> {
                            slots.forEach(this::remove);
                            return alone(slots);
                        });
    }

    private Future<Reservation> alone(List<Slots> slots) {
        int gateways = limiter.gateways();
        for (int i = 0; i < slots.size(); i++) {
            Slots one = slots.get(i);
            if (add(one) > Math.max(1, one.rule().concurrent() / gateways)) {
                slots.subList(0, i + 1).forEach(this::remove);
                return full(one.rule());
            }
        }
        return Future.succeededFuture(reservation(slots));
    }

    private Reservation reservation(List<Slots> slots) {
        AtomicBoolean over = new AtomicBoolean();
        return used -> {
            if (over.compareAndSet(false, true)) {
                slots.forEach(this::remove);
                if (limiter.counted()) {
                    // Where it fails, the next repetition tells the true number.
                    run("back", keys(slots), slots.stream().map(one -> 1L).toList());
                }
            }
        };
    }

    private static List<String> keys(List<Slots> slots) {
        return slots.stream().map(Slots::key).toList();
    }

    private static Future<Reservation> full(LimitRule rule) {
        return Future.failedFuture(Fault.retryLater(
                FaultCode.RATE_LIMITED,
                "Rate limit reached: " + rule.concurrent() + " calls at once for '" + rule.name() + "'.",
                RETRY));
    }

    private int add(Slots one) {
        AtomicInteger count = held.compute(one.key(), (key, now) -> {
            AtomicInteger n = now == null ? new AtomicInteger() : now;
            n.incrementAndGet();
            return n;
        });
        return count.get();
    }

    private void remove(Slots one) {
        held.computeIfPresent(one.key(), (key, now) -> now.decrementAndGet() <= 0 ? null : now);
    }

    /** Repeats the true numbers; each key by itself, since they lie in different slots of a cluster. */
    void renew() {
        if (!limiter.counted()) {
            return;
        }
        held.forEach((key, count) -> run("set", List.of(key), List.of((long) count.get())));
    }

    /** Calls under way here. */
    int underWay() {
        return held.values().stream().mapToInt(AtomicInteger::get).sum();
    }

    private Future<@Nullable Response> run(String mode, List<String> keys, List<Long> numbers) {
        List<Object> arguments = new ArrayList<>(3 + numbers.size());
        arguments.add(mode);
        arguments.add(limiter.membership().self());
        arguments.add(Long.toString(good.toMillis()));
        numbers.forEach(number -> arguments.add(Long.toString(number)));
        limiter.metrics().trip();
        return limiter.redis()
                .script(SCRIPT, keys, arguments)
                .onFailure(cause -> limiter.metrics().failed());
    }
}
