package dev.penstock.gateway.limit;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.penstock.gateway.policy.WindowSet;
import dev.penstock.gateway.policy.WindowSet.Decision;
import dev.penstock.gateway.policy.WindowSet.Limit;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Windows in this gateway's heap: they count along while Redis decides, so that an outage begins with what this gateway
 * has admitted already. Bounded by the keys that called lately. Safe for use by many event loops.
 */
final class LocalWindows {
    private static final int MAX_KEYS = 20_000;
    private static final Duration LONGEST_WINDOW = Duration.ofHours(26);

    private final Cache<String, Guarded> windows = Caffeine.newBuilder()
            .maximumSize(MAX_KEYS)
            .expireAfterAccess(LONGEST_WINDOW)
            .executor(Runnable::run)
            .build();

    private record Guarded(ReentrantLock lock, WindowSet set) {}

    Decision decide(String key, List<Limit> limits, long nowMillis, int gateways) {
        Guarded guarded = guarded(key, limits);
        guarded.lock().lock();
        try {
            return guarded.set().decide(nowMillis, gateways);
        } finally {
            guarded.lock().unlock();
        }
    }

    void note(String key, List<Limit> limits, long nowMillis) {
        Guarded guarded = guarded(key, limits);
        guarded.lock().lock();
        try {
            guarded.set().note(nowMillis);
        } finally {
            guarded.lock().unlock();
        }
    }

    private Guarded guarded(String key, List<Limit> limits) {
        return windows.get(key, k -> new Guarded(new ReentrantLock(), new WindowSet(limits)));
    }
}
