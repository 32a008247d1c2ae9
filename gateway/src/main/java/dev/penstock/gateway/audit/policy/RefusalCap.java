package dev.penstock.gateway.audit.policy;

import dev.penstock.common.contract.SecurityContract.Kind;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * Lets so many refusals a second be written one by one and counts the others by kind, so that a flood of them neither
 * fills the trail nor slows it. What is no refusal always passes. Safe for many threads.
 */
public final class RefusalCap {
    private static final long SECOND_NANOS = 1_000_000_000L;
    private static final Set<Kind> REFUSALS = EnumSet.of(
            Kind.AUTHENTICATION_FAILED,
            Kind.ACCESS_DENIED,
            Kind.RATE_LIMITED,
            Kind.LOGIN_FAILED,
            Kind.BUDGET_EXHAUSTED,
            Kind.SCAN_DETECTED,
            Kind.REQUEST_SUSPICIOUS,
            Kind.CONTENT_REFUSED);

    private final int perSecond;
    private final AtomicLong second = new AtomicLong(Long.MIN_VALUE);
    private final AtomicLong passed = new AtomicLong();
    private final Map<Kind, LongAdder> held = new EnumMap<>(Kind.class);

    public RefusalCap(int perSecond) {
        this.perSecond = perSecond;
        REFUSALS.forEach(kind -> held.put(kind, new LongAdder()));
    }

    public static boolean refusal(Kind kind) {
        return REFUSALS.contains(kind);
    }

    /** Whether this one is written by itself; else it was counted. */
    public boolean passes(Kind kind, long nanos) {
        if (!refusal(kind)) {
            return true;
        }
        long now = Math.floorDiv(nanos, SECOND_NANOS);
        long seen = second.get();
        if (seen != now && second.compareAndSet(seen, now)) {
            passed.set(0);
        }
        if (passed.incrementAndGet() <= perSecond) {
            return true;
        }
        LongAdder count = held.get(kind);
        if (count != null) {
            count.increment();
        }
        return false;
    }

    /** Those counted since the last call, by kind. */
    public Map<Kind, Long> takeHeld() {
        Map<Kind, Long> taken = new EnumMap<>(Kind.class);
        held.forEach((kind, counter) -> {
            long count = counter.sumThenReset();
            if (count > 0) {
                taken.put(kind, count);
            }
        });
        return taken;
    }
}
