package dev.penstock.common.pool;

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

    private Pools(PoolTools tools) {
        this.tools = tools;
    }

    /** For a service. */
    public static Pools create(ServiceContext context) {
        return create(
                context.vertx(),
                context.telemetry(),
                context.ticker(),
                () -> context.membership().live(Role.GATEWAY).size(),
                context.config().auth().secret().reveal());
    }

    /**
     * @param gateways how many gateways are live; they share the floor of retries
     * @param secret signs affinity cookies; the same on all gateways
     */
    public static Pools create(Vertx vertx, Telemetry telemetry, Ticker ticker, IntSupplier gateways, String secret) {
        return new Pools(new PoolTools(
                vertx,
                telemetry,
                ticker,
                gateways,
                secret,
                () -> ThreadLocalRandom.current().nextDouble()));
    }

    /**
     * The pool of that name and configuration. One of the same name with another configuration is replaced: it finishes
     * its calls and closes.
     */
    public Pool open(String name, PoolConfig config) {
        return open(name, config, Discovery.NONE);
    }

    /** The same with a source of instances of the caller's own. */
    public Pool open(String name, PoolConfig config, Discovery discovery) {
        Pool there = pools.get(name);
        if (there != null && there.config().equals(config)) {
            return there;
        }
        Pool pool = new Pool(name, config, tools, discovery);
        pool.start();
        Pool before = pools.put(name, pool);
        if (before != null) {
            before.close();
        }
        return pool;
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

    /** Ends all; completes when their calls have ended. */
    public Future<Void> close() {
        return Future.join(pools.keySet().stream().map(this::close).toList()).mapEmpty();
    }
}
