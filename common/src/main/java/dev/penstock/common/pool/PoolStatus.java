package dev.penstock.common.pool;

import dev.penstock.common.pool.policy.Node;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A pool as this gateway sees it now.
 *
 * @param inUse calls that have a connection, {@code pending} those that wait for one, {@code max} connections in all
 * @param problem what is wrong with its discovery; null while all is well
 */
public record PoolStatus(
        String name,
        String balancing,
        String discovery,
        @Nullable String problem,
        int inUse,
        int pending,
        int max,
        List<Member> members) {
    public PoolStatus {
        members = List.copyOf(members);
    }

    /** One instance; latency in milliseconds, 0 where nothing is known. */
    public record Member(
            String name,
            String url,
            Node.State state,
            int weight,
            int inFlight,
            long calls,
            long failures,
            double latencyMillis) {}
}
