package dev.penstock.gateway.auth.policy;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Slows the guessing of one account's password. After {@value #FREE} wrong ones from one address the next from there must
 * wait a second, then two, four, up to half a minute: a delay, never a lock. It holds for that address alone, so that nobody
 * keeps others out by failing in their name. Names that nobody has are treated the same. A right password, or a quarter of
 * an hour without a wrong one, ends it. Known for the {@value #MOST} pairs that failed last. Safe for many threads.
 */
public final class LoginThrottle {
    /** Wrong passwords that cost nothing. */
    public static final int FREE = 5;
    /** The longest wait. */
    public static final Duration LONGEST = Duration.ofSeconds(30);

    static final int MOST = 10_000;
    private static final Duration FORGOTTEN = Duration.ofMinutes(15);
    /** No name of a user is longer. */
    private static final int LONGEST_NAME = 100;

    private record Attempts(String name, String address) {}

    private record Wrong(int times, long atNanos) {}

    private final Cache<Attempts, Wrong> wrong =
            Caffeine.newBuilder().maximumSize(MOST).build();

    /** How long this one must still wait; zero where it may be tried now. */
    public Duration wait(String name, String address, long nowNanos) {
        Wrong before = wrong.getIfPresent(key(name, address));
        if (before == null || forgotten(before, nowNanos) || before.times() < FREE) {
            return Duration.ZERO;
        }
        Duration left = length(before.times()).minusNanos(nowNanos - before.atNanos());
        return left.isNegative() ? Duration.ZERO : left;
    }

    /** A password was wrong. */
    public void failed(String name, String address, long nowNanos) {
        wrong.asMap().compute(key(name, address), (pair, before) -> next(before, nowNanos));
    }

    private static Wrong next(@Nullable Wrong before, long nowNanos) {
        int times = before == null || forgotten(before, nowNanos) ? 0 : before.times();
        return new Wrong(times + 1, nowNanos);
    }

    /** A password was right. */
    public void succeeded(String name, String address) {
        wrong.invalidate(key(name, address));
    }

    private static boolean forgotten(Wrong before, long nowNanos) {
        return nowNanos - before.atNanos() >= FORGOTTEN.toNanos();
    }

    private static Duration length(int times) {
        int doublings = Math.min(times - FREE, 5);
        Duration length = Duration.ofSeconds(1L << doublings);
        return length.compareTo(LONGEST) > 0 ? LONGEST : length;
    }

    private static Attempts key(String name, String address) {
        String known = name.length() > LONGEST_NAME ? name.substring(0, LONGEST_NAME) : name;
        return new Attempts(known.toLowerCase(Locale.ROOT), address);
    }
}
