package dev.penstock.common.pool;

import dev.penstock.common.config.DiscoveryConfig;
import dev.penstock.common.config.PoolConfig;
import dev.penstock.common.service.Role;
import dev.penstock.common.service.ServiceContext;
import dev.penstock.common.telemetry.Telemetry;
import dev.penstock.common.time.Ticker;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/** All pools of a process, by name. Safe for use by several threads. */
public final class Pools {
    private final PoolTools tools;
    private final Map<String, Pool> pools = new ConcurrentHashMap<>();

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
        return Future.join(pools.keySet().stream().map(this::close).toList()).mapEmpty();
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
