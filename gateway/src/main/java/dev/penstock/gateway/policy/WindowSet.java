package dev.penstock.gateway.policy;

import java.util.List;

/** The windows of one key and class: a request counts in all or in none. Confined to one thread or guarded. */
public final class WindowSet {
    private final List<Limit> limits;
    private final List<RollingWindow> windows;

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
    }

    /**
     * @param admitted whether the request counts
     * @param limit the tightest window's limit
     * @param remaining what is left in the tightest window after this request
     * @param resetMillis until the tightest window is empty if nobody calls
     * @param retryMillis until the request would be admitted; 0 where it was
     * @param window name of the window that refused, else of the tightest
     */
    public record Decision(
            boolean admitted, long limit, long remaining, long resetMillis, long retryMillis, String window) {}

    public WindowSet(List<Limit> limits) {
        this.limits = List.copyOf(limits);
        this.windows = limits.stream()
                .map(limit -> new RollingWindow(limit.lengthMillis()))
                .toList();
    }

    /**
     * Decides about one request.
     *
     * @param shares over how many gateways the limits are divided, each at least one request; 1 where this one counts all
     */
    public Decision decide(long nowMillis, int shares) {
        int refusing = -1;
        long longest = 0;
        for (int i = 0; i < windows.size(); i++) {
            long wait = windows.get(i).waitMillis(nowMillis, most(i, shares));
            if (wait > longest) {
                longest = wait;
                refusing = i;
            }
        }
        if (refusing >= 0) {
            return new Decision(
                    false,
                    limits.get(refusing).most(),
                    0,
                    windows.get(refusing).resetMillis(nowMillis),
                    longest,
                    limits.get(refusing).window());
        }
        note(nowMillis);
        return tightest(nowMillis, shares);
    }

    /** Counts a request that somebody else admitted. */
    public void note(long nowMillis) {
        windows.forEach(window -> window.add(nowMillis, 1));
    }

    private Decision tightest(long nowMillis, int shares) {
        int tightest = 0;
        long least = Long.MAX_VALUE;
        for (int i = 0; i < windows.size(); i++) {
            long left = most(i, shares) - windows.get(i).used(nowMillis);
            if (left < least) {
                least = left;
                tightest = i;
            }
        }
        return new Decision(
                true,
                limits.get(tightest).most(),
                Math.max(0, least),
                windows.get(tightest).resetMillis(nowMillis),
                0,
                limits.get(tightest).window());
    }

    private long most(int i, int shares) {
        return Math.max(1, limits.get(i).most() / Math.max(1, shares));
    }
}
