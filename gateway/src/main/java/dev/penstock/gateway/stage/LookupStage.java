package dev.penstock.gateway.stage;

import dev.penstock.common.bus.Bus;
import dev.penstock.common.cluster.Membership;
import dev.penstock.common.contract.CacheContract;
import dev.penstock.common.contract.CacheContract.CacheKey;
import dev.penstock.common.contract.CacheContract.Hit;
import dev.penstock.common.contract.CacheContract.Invalidate;
import dev.penstock.common.contract.CacheContract.Join;
import dev.penstock.common.contract.CacheContract.Lead;
import dev.penstock.common.contract.CacheContract.Lookup;
import dev.penstock.common.contract.CacheContract.LookupReply;
import dev.penstock.common.contract.CacheContract.Outcome;
import dev.penstock.common.contract.CacheContract.Scope;
import dev.penstock.common.service.Role;
import dev.penstock.common.time.Ticker;
import dev.penstock.gateway.exchange.Exchange;
import dev.penstock.gateway.exchange.Exchange.CacheMode;
import dev.penstock.gateway.exchange.Slot;
import dev.penstock.gateway.exchange.Step;
import dev.penstock.gateway.exchange.Timings.Phase;
import dev.penstock.gateway.nearcache.NearCache;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Asks the owners of the keys that are not here. Where cache-service is away, or does not answer, the request goes on
 * without it.
 */
public final class LookupStage implements Stage {
    private final Bus bus;
    private final Membership membership;
    private final NearCache near;
    private final Ticker ticker;
    private final boolean enabled;

    public LookupStage(Bus bus, Membership membership, NearCache near, Ticker ticker, boolean enabled) {
        this.bus = bus;
        this.membership = membership;
        this.near = near;
        this.ticker = ticker;
        this.enabled = enabled;
    }

    @Override
    public Step enter(Exchange exchange) {
        if (exchange.slots().isEmpty() || exchange.cacheMode() == CacheMode.OFF || !enabled) {
            return Step.NEXT;
        }
        Map<String, List<Slot>> byOwner = byOwner(exchange);
        if (byOwner.isEmpty()) {
            return Step.NEXT;
        }
        exchange.nearEpoch(near.epoch());
        List<Future<Void>> lookups = new ArrayList<>(byOwner.size());
        byOwner.forEach((owner, slots) -> lookups.add(
                exchange.cacheMode() == CacheMode.REFRESH
                        ? forget(exchange, owner, slots).compose(done -> lookup(exchange, owner, slots))
                        : lookup(exchange, owner, slots)));
        Future.join(lookups).onComplete(done -> {
            exchange.timings().lap(Phase.CACHE, ticker.nanos());
            boolean all = exchange.slots().stream().allMatch(Slot::answered);
            exchange.resume(all ? Step.ANSWER : Step.NEXT);
        });
        return Step.LATER;
    }

    private Map<String, List<Slot>> byOwner(Exchange exchange) {
        Map<String, List<Slot>> byOwner = new LinkedHashMap<>();
        for (Slot slot : exchange.slots()) {
            if (!slot.answered()) {
                membership
                        .owner(Role.CACHE, slot.key().hash())
                        .ifPresent(owner -> byOwner.computeIfAbsent(owner, o -> new ArrayList<>())
                                .add(slot));
            }
        }
        return byOwner;
    }

    /** A refresh replaces the answer everywhere, so everybody forgets it first, also the near caches of other gateways. */
    private Future<Void> forget(Exchange exchange, String owner, List<Slot> slots) {
        List<Future<?>> calls = new ArrayList<>(slots.size());
        for (Slot slot : slots) {
            Scope scope = new Scope(null, null, slot.key());
            calls.add(bus.call(CacheContract.INVALIDATE, owner, new Invalidate(scope), exchange.call()));
        }
        return Future.join(calls).transform(done -> {
            exchange.nearEpoch(near.epoch());
            return Future.succeededFuture();
        });
    }

    private Future<Void> lookup(Exchange exchange, String owner, List<Slot> slots) {
        List<CacheKey> keys = new ArrayList<>(slots.size());
        slots.forEach(slot -> keys.add(slot.key()));
        long left = exchange.call().deadline().remainingNanos(ticker.nanos());
        boolean fresh = exchange.cacheMode() == CacheMode.REFRESH;
        Lookup message = new Lookup(keys, !fresh, membership.self(), Duration.ofNanos(Math.max(1, left)), fresh);
        return bus.call(CacheContract.LOOKUP, owner, message, exchange.call()).transform(result -> {
            if (result.succeeded()) {
                settle(exchange, owner, slots, result.result());
            } else {
                slots.forEach(Slot::alone);
            }
            return Future.succeededFuture();
        });
    }

    private void settle(Exchange exchange, String owner, List<Slot> slots, LookupReply reply) {
        List<Outcome> outcomes = reply.outcomes();
        for (int i = 0; i < slots.size(); i++) {
            Slot slot = slots.get(i);
            switch (i < outcomes.size() ? outcomes.get(i) : new Lead(0)) {
                case Hit hit -> {
                    if (exchange.cacheMode() == CacheMode.USE) {
                        slot.hit(hit.entry(), hit.tier());
                    } else {
                        slot.alone();
                    }
                }
                case Lead lead -> slot.lead(owner, lead.flight());
                case Join join -> slot.join(owner, join.flight());
            }
        }
        near.heard(owner, reply.generation());
    }
}
