package dev.penstock.common.pool;

import dev.penstock.common.config.AffinityKind;
import dev.penstock.common.config.PoolConfig;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.pool.policy.Networks;
import dev.penstock.common.pool.policy.Node;
import dev.penstock.common.pool.policy.Outcome;
import dev.penstock.common.pool.policy.Roster;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.RequestOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The instances of one HTTP service as one gateway sees them. Safe for use by several threads: all event loops of a
 * gateway share it, so that counts and breakers are true; what is decided is decided under a lock held for microseconds,
 * in which nothing is called that could wait.
 */
public final class Pool {
    private static final Logger log = LoggerFactory.getLogger(Pool.class);
    private static final Duration SHORTEST_WAIT = Duration.ofSeconds(1);

    private final String name;
    private final PoolConfig config;
    private final PoolTools tools;
    private final Discovery discovery;
    private final Networks allow;
    private final AffinityTokens tokens;
    private final PoolMetrics metrics;
    private final HttpClient client;
    private final HealthChecks checks;
    private final Promise<Void> idle = Promise.promise();

    private final ReentrantLock lock = new ReentrantLock();
    // All below is guarded by the lock.
    private final Roster roster;
    private final Map<String, Instance> instances = new HashMap<>();
    private Map<String, Node.State> shown = Map.of();
    private int inFlight;
    private boolean closing;

    Pool(String name, PoolConfig config, PoolTools tools, Discovery discovery) {
        this.name = name;
        this.config = config;
        this.tools = tools;
        this.discovery = discovery;
        this.allow = Networks.of(config.discovery().allow());
        this.tokens = new AffinityTokens(tools.secret(), name);
        this.roster = new Roster(config, tools.chance());
        this.metrics = new PoolMetrics(tools.telemetry(), name, this::state);
        this.client = PoolClients.calls(tools.vertx(), config);
        this.checks = new HealthChecks(tools.vertx(), config, this);
    }

    void start() {
        found(List.of());
        checks.start();
        discovery.start(this::found);
    }

    public String name() {
        return name;
    }

    public PoolConfig config() {
        return config;
    }

    /** The client for this pool's calls; bounded as the configuration says, for all event loops together. */
    public HttpClient client() {
        return client;
    }

    /**
     * The instance for a call, at once.
     *
     * @throws Fault {@code UNAVAILABLE} where all are away, {@code OVERLOADED} where all are busy or asked for a pause;
     *     with the time to come back
     */
    public Pick pick(Selection how) {
        long now = tools.ticker().nanos();
        return locked(() -> {
            if (how.tried().isEmpty()) {
                roster.request(now);
            }
            Roster.Grant grant = closing ? null : roster.pick(ask(how), now);
            Instance instance =
                    grant == null ? null : instances.get(grant.node().name());
            if (grant == null || instance == null) {
                metrics.refused();
                throw refusal(now);
            }
            inFlight++;
            return new Pick(this, instance, grant, cookie(how, grant));
        });
    }

    /**
     * Whether failed work may be sent once more now; yes spends it from the budget. Whether the work is repeatable at all,
     * and how often {@code retries.attempts} lets it be sent, is the caller's to know.
     */
    public boolean retryAllowed() {
        long now = tools.ticker().nanos();
        boolean allowed =
                locked(() -> roster.spendRetry(Math.max(1, tools.gateways().getAsInt()), now));
        metrics.retry(allowed);
        return allowed;
    }

    /** What it does now. */
    public PoolStatus state() {
        long now = tools.ticker().nanos();
        return locked(() -> {
            List<PoolStatus.Member> members = new ArrayList<>();
            int inUse = 0;
            int pending = 0;
            int max = config.connections().max();
            for (Node node : roster.nodes()) {
                Instance instance = instances.get(node.name());
                inUse += Math.min(max, node.inFlight());
                pending += Math.max(0, node.inFlight() - max);
                members.add(new PoolStatus.Member(
                        node.name(),
                        instance == null ? "" : instance.url(),
                        node.state(now),
                        node.weight(),
                        node.inFlight(),
                        node.calls(),
                        node.failures(),
                        node.latencyNanos(now) / 1e6));
            }
            return new PoolStatus(
                    name,
                    label(config.balancing()),
                    label(config.discovery().kind()),
                    discovery.problem(),
                    inUse,
                    pending,
                    max * members.size(),
                    members);
        });
    }

    /** Takes no more calls; completes when those in flight have ended and their connections are closed. */
    Future<Void> close() {
        discovery.stop();
        checks.stop();
        locked(() -> {
            closing = true;
            if (inFlight == 0) {
                idle.tryComplete();
            }
            return true;
        });
        return idle.future().eventually(client::close);
    }

    void done(Roster.Grant grant, Outcome outcome, long latencyNanos, @Nullable Duration retryAfter) {
        long now = tools.ticker().nanos();
        locked(() -> {
            long pause = retryAfter == null ? 0 : retryAfter.toNanos();
            if (roster.done(grant, outcome, latencyNanos, pause, now)) {
                forgetGone();
            }
            inFlight--;
            // Nothing changes by a success of one that was well.
            if (outcome != Outcome.SUCCESS || shown.get(grant.node().name()) != Node.State.UP) {
                show(now);
            }
            if (closing && inFlight == 0) {
                idle.tryComplete();
            }
            return true;
        });
        metrics.ended(outcome);
    }

    void checked(String instance, boolean healthy) {
        long now = tools.ticker().nanos();
        locked(() -> {
            roster.checked(instance, healthy, now);
            show(now);
            return true;
        });
    }

    /** Those that are to be checked now. */
    List<Instance> toCheck(boolean all) {
        long now = tools.ticker().nanos();
        return locked(() -> roster.nodes().stream()
                .filter(node -> node.state(now) == Node.State.DOWN || (all && node.state(now) != Node.State.LEAVING))
                .map(node -> instances.get(node.name()))
                .filter(instance -> instance != null)
                .toList());
    }

    RequestOptions request(Instance instance) {
        return Pick.options(instance, config.tls().serverName())
                .setConnectTimeout(config.connections().connectTimeout().toMillis());
    }

    private void found(List<Instance> discovered) {
        Map<String, Instance> all = new LinkedHashMap<>();
        config.instances().forEach(listed -> {
            Instance instance = Instance.of(listed.name(), listed.url(), listed.weight());
            all.put(instance.name(), instance);
        });
        admitted(discovered).forEach(instance -> all.putIfAbsent(instance.name(), instance));
        long now = tools.ticker().nanos();
        locked(() -> {
            instances.putAll(all);
            roster.members(
                    all.values().stream()
                            .map(instance -> new Roster.Seat(instance.name(), instance.weight()))
                            .toList(),
                    now);
            forgetGone();
            tokens.members(instances.keySet());
            show(now);
            return true;
        });
    }

    /** What discovery found, less what is not allowed and what is too much. */
    private List<Instance> admitted(List<Instance> discovered) {
        List<Instance> allowed = discovered.stream()
                .filter(instance -> allow.none() || allow.contain(instance.address()))
                .limit(config.discovery().maxInstances())
                .toList();
        if (allowed.size() < discovered.size()) {
            log.warn(
                    "pool {}: {} of {} instances found are left out (discovery.allow, discovery.max-instances)",
                    name,
                    discovered.size() - allowed.size(),
                    discovered.size());
        }
        return allowed;
    }

    private void forgetGone() {
        Set<String> there = roster.nodes().stream().map(Node::name).collect(Collectors.toSet());
        if (there.size() != instances.size()) {
            instances.keySet().retainAll(there);
        }
    }

    private Roster.Ask ask(Selection how) {
        String caller = how.caller();
        AffinityKind by = config.affinity().by();
        if (caller == null || by == AffinityKind.NONE) {
            return new Roster.Ask(how.key(), null, null, how.tried());
        }
        return by == AffinityKind.COOKIE
                ? new Roster.Ask(how.key(), tokens.instance(caller), null, how.tried())
                : new Roster.Ask(how.key(), null, caller, how.tried());
    }

    private @Nullable String cookie(Selection how, Roster.Grant grant) {
        if (config.affinity().by() != AffinityKind.COOKIE || !grant.home()) {
            return null;
        }
        String token = tokens.token(grant.node().name());
        return token == null || token.equals(how.caller()) ? null : token;
    }

    private Fault refusal(long now) {
        Map<Node.State, Integer> states = roster.states(now);
        int members = roster.nodes().size() - states.getOrDefault(Node.State.LEAVING, 0);
        if (closing || members == 0) {
            String problem = discovery.problem();
            return Fault.retryLater(
                    FaultCode.UNAVAILABLE,
                    "The service " + name + " has no instances" + (problem == null ? "." : ": " + problem + "."),
                    SHORTEST_WAIT);
        }
        Duration back = Duration.ofNanos(roster.backInNanos(0, now));
        Duration wait = back.compareTo(SHORTEST_WAIT) < 0 ? SHORTEST_WAIT : back;
        boolean working = states.containsKey(Node.State.BUSY) || states.containsKey(Node.State.PAUSED);
        return working
                ? Fault.retryLater(FaultCode.OVERLOADED, "The service " + name + " is at its limit.", wait)
                : Fault.retryLater(
                        FaultCode.UNAVAILABLE, "No instance of the service " + name + " is available.", wait);
    }

    /** Tells the log of each instance that changed between getting calls and getting none. */
    private void show(long now) {
        Map<String, Node.State> states = new HashMap<>();
        for (Node node : roster.nodes()) {
            Node.State state = node.state(now);
            states.put(node.name(), state == Node.State.BUSY ? Node.State.UP : state);
        }
        if (states.equals(shown)) {
            return;
        }
        states.forEach((instance, state) -> {
            Node.State before = shown.get(instance);
            if (before != state) {
                log.info("pool {}: instance {} is {}", name, instance, label(state));
                metrics.changed(state);
            }
        });
        shown.keySet().stream()
                .filter(instance -> !states.containsKey(instance))
                .forEach(instance -> log.info("pool {}: instance {} has left", name, instance));
        shown = Map.copyOf(states);
    }

    private <T> T locked(Supplier<T> work) {
        lock.lock();
        try {
            return work.get();
        } finally {
            lock.unlock();
        }
    }

    static String label(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
