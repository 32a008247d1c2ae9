package dev.penstock.common.pool;

import dev.penstock.common.config.DiscoveryConfig;
import dev.penstock.common.config.PoolConfig;
import dev.penstock.common.service.Role;
import dev.penstock.common.service.ServiceContext;
import dev.penstock.common.telemetry.Telemetry;
import dev.penstock.common.time.Ticker;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/** All pools of a process, by name. Safe for use by several threads. */
public final class Pools {
    /** Longer than a request that has begun takes until it asks for an instance. */
    private static final long LINGER_MILLIS = 30_000;

    private final PoolTools tools;
    private final Map<String, Pool> pools = new ConcurrentHashMap<>();
    /** Replaced by a reload; bounded by how often files are read within the time that each lingers. */
    private final Set<Pool> leaving = ConcurrentHashMap.newKeySet();

    private final Registry registry;

    private Pools(PoolTools tools, Registry registry) {
        this.tools = tools;
        this.registry = registry;
    }

    /** For a service. */
    public static Pools create(ServiceContext context) {
        return create(
                context.vertx(),
                context.telemetry(),
                context.ticker(),
                () -> context.membership().live(Role.GATEWAY).size(),
                context.config().auth().secret().reveal(),
                new Registry(context.vertx(), context.redis(), context.config().registry(), context.ticker()));
    }

    /**
     * @param gateways how many gateways are live; they share the floor of retries
     * @param secret signs affinity cookies; the same on all gateways
     * @param registry where instances register themselves; closed with the pools
     */
    public static Pools create(
            Vertx vertx, Telemetry telemetry, Ticker ticker, IntSupplier gateways, String secret, Registry registry) {
        PoolTools tools = new PoolTools(
                vertx,
                telemetry,
                ticker,
                gateways,
                secret,
                () -> ThreadLocalRandom.current().nextDouble());
        return new Pools(tools, registry);
    }

    /**
     * The pool of that name and configuration. One of the same name with another configuration is replaced: it finishes
     * its calls and closes.
     */
    public Pool open(String name, PoolConfig config) {
        Pool there = pools.get(name);
        if (there != null && there.config().equals(config)) {
            return there;
        }
        Pool pool = new Pool(name, config, tools, discovery(config));
        pool.start();
        Pool before = pools.put(name, pool);
        if (before != null) {
            before.close();
        }
        return pool;
    }

    /**
     * Goes over to other pools. One that stays as it was goes on; one that changed or is gone still takes the calls of
     * whoever holds it for {@value #LINGER_MILLIS} ms, then finishes what it has and closes.
     *
     * @return all that are named in {@code next}
     */
    public Map<String, Pool> follow(Map<String, PoolConfig> next) {
        Map<String, Pool> now = new HashMap<>();
        next.forEach((name, config) -> {
            Pool there = pools.get(name);
            if (there == null || !there.config().equals(config)) {
                Pool made = new Pool(name, config, tools, discovery(config));
                made.start();
                pools.put(name, made);
                linger(there);
                there = made;
            }
            now.put(name, there);
        });
        for (String name : List.copyOf(pools.keySet())) {
            if (!next.containsKey(name)) {
                linger(pools.remove(name));
            }
        }
        return now;
    }

    private void linger(@Nullable Pool pool) {
        if (pool != null) {
            leaving.add(pool);
            tools.vertx().setTimer(LINGER_MILLIS, id -> leave(pool));
        }
    }

    private Future<Void> leave(Pool pool) {
        return leaving.remove(pool) ? pool.close() : Future.succeededFuture();
    }

    /** Where instances register themselves. */
    public Registry registry() {
        return registry;
    }

    public @Nullable Pool find(String name) {
        return pools.get(name);
    }

    /** All of them now, sorted by name. */
    public List<PoolStatus> states() {
        return pools.values().stream()
                .map(Pool::state)
                .sorted(Comparator.comparing(PoolStatus::name))
                .toList();
    }

    /** Ends a pool; completes when its calls have ended. */
    public Future<Void> close(String name) {
        Pool pool = pools.remove(name);
        return pool == null ? Future.succeededFuture() : pool.close();
    }

    /** Ends all and the registry; completes when their calls have ended. */
    public Future<Void> close() {
        registry.stop();
        List<Future<Void>> ends = new ArrayList<>();
        List.copyOf(leaving).forEach(pool -> ends.add(leave(pool)));
        List.copyOf(pools.keySet()).forEach(name -> ends.add(close(name)));
        return Future.join(ends).mapEmpty();
    }

    private Discovery discovery(PoolConfig config) {
        DiscoveryConfig discovery = config.discovery();
        return switch (discovery.kind()) {
            case STATIC -> Discovery.NONE;
            case DNS, DNS_SRV -> new DnsDiscovery(tools.vertx(), discovery);
            case KUBERNETES -> new KubernetesDiscovery(tools.vertx(), discovery);
            case REGISTRY -> registry.discovery(discovery.name());
        };
    }
}
