package dev.penstock.gateway.policy;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The limits of one subject and rule: calls count under all or under none. Confined to one thread or guarded. Decides as
 * {@code limits.lua} does on Redis.
 */
public final class WindowSet {
    private static final double MICROS = 1_000;

    private final List<Limit> limits;
    /** By index of the limit; null where it is a smoothed rate. */
    private final @Nullable RollingWindow[] windows;

    private final @Nullable Gcra[] rates;

    /**
     * At most {@code most} in any {@code lengthMillis}; with a burst, {@code most} in each {@code lengthMillis} on average
     * and {@code burst} at once.
     *
     * @param burst 0 for a window that rolls
     */
    public record Limit(String window, long lengthMillis, long most, long burst) {
        public Limit(String window, long lengthMillis, long most) {
            this(window, lengthMillis, most, 0);
        }

        /** Whether it is a smoothed rate rather than a window. */
        public boolean smooth() {
            return burst > 0;
        }

        /** Microseconds between two at the sustained rate of one of {@code shares} equal parts. */
        double gap(int shares) {
            return lengthMillis * MICROS * shares / most;
        }

        /** One of {@code shares} equal parts, rounded down but at least 1. */
        static long part(long whole, int shares) {
            return Math.max(1, whole / shares);
        }
    }

    /**
     * @param admitted whether the request counts
     * @param limit the tightest window's limit
     * @param remaining what is left in the tightest window after this request
     * @param resetMillis until the tightest window is empty if nobody calls
     * @param retryMillis until the request would be admitted; 0 where it was; {@link #NEVER} where it asks for more than
     *     the limit
     * @param window name of the window that refused, else of the tightest
     */
    public record Decision(
            boolean admitted, long limit, long remaining, long resetMillis, long retryMillis, String window) {
        /** As a wait: no wait helps. */
        public static final long NEVER = -1;
    }

    public WindowSet(List<Limit> limits) {
        this.limits = List.copyOf(limits);
        this.windows = new RollingWindow[limits.size()];
        this.rates = new Gcra[limits.size()];
        for (int i = 0; i < limits.size(); i++) {
            if (limits.get(i).smooth()) {
                rates[i] = new Gcra();
            } else {
                windows[i] = new RollingWindow(limits.get(i).lengthMillis());
            }
        }
    }

    /** Decides about one request: {@link #decide(long, long, int)}. */
    public Decision decide(long nowMillis, int shares) {
        return decide(nowMillis, 1, shares);
    }

    /**
     * Decides about {@code cost} at once.
     *
     * @param shares over how many gateways the limits are divided, each at least one request; 1 where this one counts all
     */
    public Decision decide(long nowMillis, long cost, int shares) {
        int refusing = -1;
        long longest = 0;
        for (int i = 0; i < limits.size(); i++) {
            long wait = wait(i, nowMillis, cost, shares);
            if (wait == Decision.NEVER) {
                return refusal(i, nowMillis, wait);
            }
            if (wait > longest) {
                longest = wait;
                refusing = i;
            }
        }
        if (refusing >= 0) {
            return refusal(refusing, nowMillis, longest);
        }
        for (int i = 0; i < limits.size(); i++) {
            charge(i, nowMillis, nowMillis, cost, shares);
        }
        return tightest(nowMillis, shares);
    }

    /** Counts what somebody else admitted, until {@code untilMillis} at the latest. */
    public void note(long nowMillis, long untilMillis, long cost) {
        for (int i = 0; i < limits.size(); i++) {
            charge(i, nowMillis, untilMillis, cost, 1);
        }
    }

    /** Takes back what was counted at {@code takenMillis} until {@code untilMillis} and was not used. */
    public void giveBack(long nowMillis, long takenMillis, long untilMillis, long cost) {
        for (int i = 0; i < limits.size(); i++) {
            RollingWindow window = windows[i];
            Gcra rate = rates[i];
            if (window != null) {
                window.giveBack(nowMillis, untilMillis, cost);
            } else if (rate != null) {
                rate.giveBack(takenMillis * MICROS, cost, limits.get(i).gap(1));
            }
        }
    }

    private long wait(int i, long nowMillis, long cost, int shares) {
        Limit limit = limits.get(i);
        RollingWindow window = windows[i];
        Gcra rate = rates[i];
        if (window != null) {
            long most = Limit.part(limit.most(), shares);
            return cost > most ? Decision.NEVER : window.waitMillis(nowMillis, most - cost + 1);
        }
        if (rate == null) {
            return 0;
        }
        long burst = Limit.part(limit.burst(), shares);
        return cost > burst
                ? Decision.NEVER
                : (long) Math.ceil(rate.waitMicros(nowMillis * MICROS, cost, limit.gap(shares), burst) / MICROS);
    }

    private void charge(int i, long nowMillis, long untilMillis, long cost, int shares) {
        RollingWindow window = windows[i];
        Gcra rate = rates[i];
        if (window != null) {
            window.charge(nowMillis, untilMillis, cost);
        } else if (rate != null) {
            rate.take(nowMillis * MICROS, cost, limits.get(i).gap(shares));
        }
    }

    private Decision refusal(int i, long nowMillis, long wait) {
        Limit limit = limits.get(i);
        return new Decision(false, limit.most(), 0, reset(i, nowMillis), wait, limit.window());
    }

    private Decision tightest(long nowMillis, int shares) {
        int tightest = 0;
        long least = Long.MAX_VALUE;
        for (int i = 0; i < limits.size(); i++) {
            long left = left(i, nowMillis, shares);
            if (left < least) {
                least = left;
                tightest = i;
            }
        }
        Limit limit = limits.get(tightest);
        return new Decision(true, limit.most(), Math.max(0, least), reset(tightest, nowMillis), 0, limit.window());
    }

    private long left(int i, long nowMillis, int shares) {
        Limit limit = limits.get(i);
        RollingWindow window = windows[i];
        Gcra rate = rates[i];
        if (window != null) {
            return Limit.part(limit.most(), shares) - window.used(nowMillis);
        }
        return rate == null
                ? Long.MAX_VALUE
                : rate.available(nowMillis * MICROS, limit.gap(shares), Limit.part(limit.burst(), shares));
    }

    private long reset(int i, long nowMillis) {
        RollingWindow window = windows[i];
        Gcra rate = rates[i];
        if (window != null) {
            return window.resetMillis(nowMillis);
        }
        Limit limit = limits.get(i);
        return rate == null
                ? 0
                : (long) Math.ceil(
                        rate.waitMicros(nowMillis * MICROS, limit.burst(), limit.gap(1), limit.burst()) / MICROS);
    }
}
