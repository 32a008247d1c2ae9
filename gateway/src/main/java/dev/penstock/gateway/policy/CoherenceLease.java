package dev.penstock.gateway.policy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Until when the near cache may be trusted. Each cache member that is alive must have been heard within the lease: one
 * that is alive but silent may be telling everybody but us to forget something. While no cache member is alive nobody can
 * acknowledge an invalidation either, so there is nothing to miss: then the near cache serves until its entries expire.
 *
 * <p>Guarded by the caller.
 */
public final class CoherenceLease {
    private final long leaseNanos;
    private final Map<String, Long> heardAt = new HashMap<>();

    public CoherenceLease(long leaseNanos) {
        this.leaseNanos = leaseNanos;
    }

    /** Notes a sign of life. */
    public void heard(String member, long nowNanos) {
        heardAt.put(member, nowNanos);
    }

    /** The moment up to which the near cache may serve, given who is alive; {@code forever} while nobody is. */
    public long until(List<String> live, long nowNanos, long forever) {
        heardAt.keySet().retainAll(live);
        long until = forever;
        for (String member : live) {
            Long heard = heardAt.get(member);
            long trusted = heard == null ? nowNanos : heard + leaseNanos;
            until = trusted - until < 0 ? trusted : until;
        }
        return until;
    }
}
