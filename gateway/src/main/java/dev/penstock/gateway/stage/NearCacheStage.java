package dev.penstock.gateway.stage;

import dev.penstock.common.time.Ticker;
import dev.penstock.gateway.exchange.Exchange;
import dev.penstock.gateway.exchange.Exchange.CacheMode;
import dev.penstock.gateway.exchange.Slot;
import dev.penstock.gateway.exchange.Step;
import dev.penstock.gateway.exchange.Timings.Phase;
import dev.penstock.gateway.nearcache.NearCache;
import dev.penstock.gateway.nearcache.NearEntry;
import java.time.Clock;
import java.util.List;

/** Looks into this gateway's own heap: what is all there is answered at once, without a hop. */
public final class NearCacheStage implements Stage {
    private final NearCache cache;
    private final Ticker ticker;
    private final Clock clock;

    public NearCacheStage(NearCache cache, Ticker ticker, Clock clock) {
        this.cache = cache;
        this.ticker = ticker;
        this.clock = clock;
    }

    @Override
    public Step enter(Exchange exchange) {
        List<Slot> slots = exchange.slots();
        if (slots.isEmpty() || exchange.cacheMode() != CacheMode.USE) {
            return Step.NEXT;
        }
        exchange.nearEpoch(cache.epoch());
        long nowNanos = ticker.nanos();
        long nowMillis = clock.millis();
        boolean all = true;
        for (Slot slot : slots) {
            NearEntry found = cache.find(slot.key(), nowNanos, nowMillis);
            if (found == null) {
                all = false;
            } else {
                slot.nearHit(found);
            }
        }
        exchange.timings().lap(Phase.CACHE, ticker.nanos());
        return all ? Step.ANSWER : Step.NEXT;
    }
}
