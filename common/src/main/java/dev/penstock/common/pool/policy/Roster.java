package dev.penstock.common.pool.policy;

import dev.penstock.common.config.PoolConfig;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The instances of a pool and all that is decided about them. Time and chance come from outside. Not safe for use by
 * several threads: its pool holds a lock for the microseconds that a call here takes.
 */
public final class Roster {
    /** Callers that are remembered; the one not seen for longest goes. */
    private static final int REMEMBERED = 10_000;

    private final PoolConfig rules;
    private final DoubleSupplier chance;
    private final Balancer balancer;
    private final RetryAllowance retries;
    private final Map<String, Node> nodes = new LinkedHashMap<>();
    private final Map<String, Home> homes = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Home> eldest) {
            return size() > REMEMBERED;
        }
    };

    private record Home(String node, long untilNanos) {}

    /** A member by name. */
    public record Seat(String name, int weight) {}

    /**
     * What a call asks for.
     *
     * @param key what consistent hashing goes by
     * @param stuckTo the instance that the caller says it belongs to
     * @param caller by whom the roster itself remembers where the caller belongs
     * @param tried instances that failed this work; taken only where there is no other
     */
    public record Ask(
            @Nullable String key,
            @Nullable String stuckTo,
            @Nullable String caller,
            Collection<String> tried) {
        public static final Ask ANY = new Ask(null, null, null, Set.of());
    }

    /**
     * The right to one call.
     *
     * @param home whether the caller belongs to this instance from now on
     */
    public record Grant(Node node, int ticket, boolean home) {}

    /** @param chance between 0 and 1, anew each time */
    public Roster(PoolConfig rules, DoubleSupplier chance) {
        this.rules = rules;
        this.chance = chance;
        this.balancer = new Balancer(rules, chance);
        this.retries = new RetryAllowance(rules.retries());
    }

    /** Makes the members those. Who is no longer one finishes its calls first. */
    public void members(Collection<Seat> seats, long nowNanos) {
        boolean first = nodes.isEmpty();
        Set<String> names = new HashSet<>();
        for (Seat seat : seats) {
            names.add(seat.name());
            Node node = nodes.get(seat.name());
            if (node == null) {
                node = new Node(seat.name(), seat.weight(), rules, chance);
                nodes.put(seat.name(), node);
                if (!first) {
                    node.warm(nowNanos);
                }
            }
            node.leaving(false);
            node.weight(seat.weight());
        }
        nodes.values().forEach(node -> {
            if (!names.contains(node.name())) {
                node.leaving(true);
            }
        });
        nodes.values().removeIf(node -> node.leaving() && node.inFlight() == 0);
    }

    /** Chooses an instance and notes the call as in flight; null where none may take it. */
    public @Nullable Grant pick(Ask ask, long nowNanos) {
        List<Node> usable = usable(ask.tried(), nowNanos);
        String wanted = ask.stuckTo();
        if (wanted == null && ask.caller() != null) {
            wanted = remembered(ask.caller(), nowNanos);
        }
        Node home = wanted == null ? null : nodes.get(wanted);
        boolean stays = home != null && home.onlyBusy(nowNanos);
        if (usable.isEmpty()) {
            return null;
        }
        Node chosen;
        if (home != null && stays && usable.contains(home)) {
            chosen = home;
        } else if (ask.caller() != null) {
            chosen = Balancer.home(usable, ask.caller());
        } else {
            chosen = balancer.choose(usable, ask.key(), nowNanos);
        }
        boolean settled = chosen == home || !stays;
        if (settled && ask.caller() != null) {
            long ttl = rules.affinity().ttl().toNanos();
            homes.put(ask.caller(), new Home(chosen.name(), nowNanos + ttl));
        }
        return new Grant(chosen, chosen.take(nowNanos), settled);
    }

    /**
     * The end of a granted call; once for each. True if the instance has left by this.
     *
     * @param latencyNanos of a success, comparable over the instances; 0 where unknown
     * @param pauseNanos that a throttled instance asked for; 0 where it did not say
     */
    public boolean done(Grant grant, Outcome outcome, long latencyNanos, long pauseNanos, long nowNanos) {
        Node node = grant.node();
        node.end(grant.ticket(), outcome, latencyNanos, pauseNanos, nowNanos);
        if (outcome == Outcome.UNREACHABLE) {
            node.upness.unreachable(nowNanos);
        } else if (!node.leaving()) {
            node.ejection.ended(node, outcome, members(), nowNanos);
        }
        if (node.leaving() && node.inFlight() == 0 && nodes.get(node.name()) == node) {
            nodes.remove(node.name());
            return true;
        }
        return false;
    }

    /** The result of a check of the instance, if it still is a member. */
    public void checked(String name, boolean healthy, long nowNanos) {
        Node node = nodes.get(name);
        if (node != null && node.upness.checked(healthy, nowNanos)) {
            node.returned(nowNanos);
        }
    }

    /** A request, counted once however often it is sent. */
    public void request(long nowNanos) {
        retries.request(nowNanos);
    }

    /** Spends one repetition if there is one. */
    public boolean spendRetry(int gateways, long nowNanos) {
        return retries.spend(gateways, nowNanos);
    }

    /** Nanoseconds until an instance may take a call, as far as can be told; {@code none} without any instance. */
    public long backInNanos(long none, long nowNanos) {
        long least = Long.MAX_VALUE;
        for (Node node : nodes.values()) {
            if (!node.leaving()) {
                least = Math.min(least, node.backInNanos(nowNanos));
            }
        }
        return least == Long.MAX_VALUE ? none : least;
    }

    /** All, also those that leave. */
    public List<Node> nodes() {
        return List.copyOf(nodes.values());
    }

    /** How often breakers opened and instances were ejected, of those that are there now. */
    public long opened() {
        return nodes.values().stream().mapToLong(node -> node.breaker.opened()).sum();
    }

    /** How often instances were ejected, of those that are there now. */
    public long ejected() {
        return nodes.values().stream().mapToLong(node -> node.ejection.count()).sum();
    }

    /** States and how many are in each. */
    public Map<Node.State, Integer> states(long nowNanos) {
        Map<Node.State, Integer> states = new HashMap<>();
        nodes.values().forEach(node -> states.merge(node.state(nowNanos), 1, Integer::sum));
        return states;
    }

    private List<Node> members() {
        List<Node> members = new ArrayList<>(nodes.size());
        for (Node node : nodes.values()) {
            if (!node.leaving()) {
                members.add(node);
            }
        }
        return members;
    }

    private List<Node> usable(Collection<String> tried, long nowNanos) {
        List<Node> fresh = new ArrayList<>(nodes.size());
        List<Node> ejected = new ArrayList<>();
        List<Node> again = new ArrayList<>();
        int members = 0;
        for (Node node : nodes.values()) {
            members += node.leaving() ? 0 : 1;
            if (node.admits(nowNanos)) {
                boolean out = node.ejection.active(nowNanos);
                (tried.contains(node.name()) ? again : out ? ejected : fresh).add(node);
            }
        }
        // With more than half of the pool away the ejected ones are needed: an outlier is better than an overload.
        if (fresh.size() * 2 < members) {
            fresh.addAll(ejected);
        }
        return fresh.isEmpty() ? again : fresh;
    }

    private @Nullable String remembered(String caller, long nowNanos) {
        Home home = homes.get(caller);
        return home == null || nowNanos - home.untilNanos() >= 0 ? null : home.node();
    }
}
