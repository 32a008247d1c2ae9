package dev.penstock.gateway.policy;

import dev.penstock.gateway.policy.WindowSet.Limit;
import java.util.List;

/** How much of a limit one gateway may hold ahead of its calls. Pure. */
public final class LeaseSize {
    /** Windows below this many a minute, and rates below this many a second, are counted call by call. */
    public static final long LEAST_PER_MINUTE = 600;

    public static final long LEAST_PER_SECOND = 50;
    /** All leases of a rate together hold at most this part of a second of it. */
    private static final long RATE_PART = 10;
    /** One lease holds at most this part of a window. */
    private static final long WINDOW_PART = 100;

    private LeaseSize() {}

    /** The most that one lease may hold; 1 where every call has to be counted by itself. */
    public static long most(List<Limit> limits, int gateways) {
        long most = Long.MAX_VALUE;
        for (Limit limit : limits) {
            most = Math.min(most, most(limit, Math.max(1, gateways)));
        }
        return Math.max(1, most);
    }

    private static long most(Limit limit, int gateways) {
        if (limit.smooth()) {
            boolean high = limit.most() * 1_000 >= LEAST_PER_SECOND * limit.lengthMillis();
            return high ? Math.min(limit.most() / RATE_PART / gateways, limit.burst()) : 1;
        }
        return limit.most() >= LEAST_PER_MINUTE ? limit.most() / WINDOW_PART / gateways : 1;
    }
}
