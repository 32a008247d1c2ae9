package dev.penstock.common.pool.policy;

import dev.penstock.common.cluster.Rendezvous;
import dev.penstock.common.config.Balancing;
import dev.penstock.common.config.PoolConfig;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/** The algorithms that choose among instances that may all take the call. Not safe for use by several threads. */
final class Balancer {
    /** Up to so many, all are looked at; of more, so many drawn by lot. */
    static final int SCANNED = 16;

    private final Balancing balancing;
    private final double bound;
    private final DoubleSupplier chance;
    private int turn;

    Balancer(PoolConfig rules, DoubleSupplier chance) {
        this.balancing = rules.balancing();
        this.bound = rules.loadBound() / 100.0;
        this.chance = chance;
    }

    /**
     * One of {@code usable}.
     *
     * @param usable not empty
     * @param key what consistent hashing goes by; without one any instance will do
     */
    Node choose(List<Node> usable, @Nullable String key, long nowNanos) {
        turn++;
        return switch (balancing) {
            case HOT_COLD -> key != null ? bounded(usable, key, nowNanos) : hotCold(usable, nowNanos);
            case ROUND_ROBIN -> smooth(usable, false, nowNanos);
            case WEIGHTED -> smooth(usable, true, nowNanos);
            case LEAST_CONNECTIONS -> least(usable, nowNanos);
            case CONSISTENT_HASH -> key != null ? bounded(usable, key, nowNanos) : least(usable, nowNanos);
        };
    }

    /** The one that a key belongs to as long as the members stay, however loaded it is. */
    static Node home(List<Node> usable, String key) {
        long hash = Rendezvous.hash(key);
        Node best = usable.getFirst();
        double highest = -1;
        for (Node node : usable) {
            double place = node.affinity(hash, node.weight());
            if (place > highest) {
                highest = place;
                best = node;
            }
        }
        return best;
    }

    private Node hotCold(List<Node> usable, long nowNanos) {
        List<Node> looked = usable.size() <= SCANNED ? usable : sample(usable);
        List<InstanceChoice.Candidate> candidates = new ArrayList<>(looked.size());
        for (Node node : looked) {
            candidates.add(node.candidate(nowNanos));
        }
        return looked.get(Math.max(0, InstanceChoice.choose(candidates, turn)));
    }

    private List<Node> sample(List<Node> usable) {
        List<Node> all = new ArrayList<>(usable);
        for (int i = 0; i < SCANNED; i++) {
            Collections.swap(all, i, i + (int) (chance.getAsDouble() * (all.size() - i)));
        }
        return all.subList(0, SCANNED);
    }

    /** Smooth weighted round robin, after nginx: the shares hold over any short stretch, not only in the long run. */
    private static Node smooth(List<Node> usable, boolean weighted, long nowNanos) {
        Node best = usable.getFirst();
        double total = 0;
        for (Node node : usable) {
            double share = weighted ? node.share(nowNanos) : node.ramp(nowNanos);
            node.turn += share;
            total += share;
            if (node.turn > best.turn) {
                best = node;
            }
        }
        best.turn -= total;
        return best;
    }

    private Node least(List<Node> usable, long nowNanos) {
        Node best = usable.getFirst();
        double least = Double.MAX_VALUE;
        for (int i = 0; i < usable.size(); i++) {
            Node node = usable.get(Math.floorMod(i + turn, usable.size()));
            double load = (node.inFlight() + 1) / node.share(nowNanos);
            if (load < least) {
                least = load;
                best = node;
            }
        }
        return best;
    }

    /**
     * Rendezvous hashing with bounded load (Mirrokni, Thorup and Zadimoghaddam, 2018): the key's best instance of those
     * that have less in flight than {@code bound} times their fair share. There always is one.
     */
    private Node bounded(List<Node> usable, String key, long nowNanos) {
        long hash = Rendezvous.hash(key);
        double shares = 0;
        int inFlight = 0;
        for (Node node : usable) {
            shares += node.share(nowNanos);
            inFlight += node.inFlight();
        }
        Node best = usable.getFirst();
        double highest = -1;
        for (Node node : usable) {
            double share = node.share(nowNanos);
            double most = Math.ceil(bound * (inFlight + 1) * share / shares);
            double place = node.affinity(hash, share);
            if (node.inFlight() < most && place > highest) {
                highest = place;
                best = node;
            }
        }
        return best;
    }
}
