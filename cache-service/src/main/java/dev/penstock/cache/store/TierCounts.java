package dev.penstock.cache.store;

import dev.penstock.common.contract.CacheContract.Tier;
import dev.penstock.common.telemetry.Telemetry;
import java.util.Locale;
import java.util.concurrent.atomic.LongAdder;

/** Hits, misses and failures of one tier since this member started. Safe for use by many threads. */
public final class TierCounts {
    private final Telemetry.Counter hitCounter;
    private final Telemetry.Counter missCounter;
    private final Telemetry.Counter failureCounter;
    private final LongAdder hits = new LongAdder();
    private final LongAdder misses = new LongAdder();

    TierCounts(Telemetry telemetry, Tier tier) {
        String label = tier.name().toLowerCase(Locale.ROOT);
        String reads = "penstock_cache_tier_reads_total";
        String help = "Keys asked of a tier of cache-service";
        this.hitCounter = telemetry.counter(reads, help, "tier", label, "result", "hit");
        this.missCounter = telemetry.counter(reads, help, "tier", label, "result", "miss");
        this.failureCounter = telemetry.counter(
                "penstock_cache_tier_failures_total", "Calls of a tier that failed or were late", "tier", label);
    }

    public long hits() {
        return hits.sum();
    }

    public long misses() {
        return misses.sum();
    }

    void read(int found, int missed) {
        hits.add(found);
        misses.add(missed);
        hitCounter.add(found);
        missCounter.add(missed);
    }

    void failed() {
        failureCounter.increment();
    }
}
