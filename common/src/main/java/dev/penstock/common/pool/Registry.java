package dev.penstock.common.pool;

import dev.penstock.common.config.RegistryConfig;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.pool.policy.Networks;
import dev.penstock.common.store.Redis;
import dev.penstock.common.store.Scripts;
import dev.penstock.common.time.Ticker;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Instances that registered themselves and keep saying that they are there. Leases are kept in Redis, by its clock, and
 * read twice a second, so that every gateway knows within a second of them; while Redis is away each gateway goes on with
 * what it has heard itself. Safe for use by several threads.
 */
public final class Registry {
    private static final Logger log = LoggerFactory.getLogger(Registry.class);
    private static final Redis.Script SCRIPT = Scripts.load(Registry.class, "registry.lua");
    private static final List<String> KEYS = List.of("penstock:{registry}:instances", "penstock:{registry}:leases");
    private static final long READ_MILLIS = 500;
    private static final int LONGEST_URL = 300;

    private final Vertx vertx;
    private final Redis redis;
    private final RegistryConfig config;
    private final Networks allow;
    private final Ticker ticker;
    /** By "pool|id"; bounded by pools times instances. */
    private final Map<String, Held> held = new ConcurrentHashMap<>();

    /** One for each open pool that learns from here. */
    private final Set<Feed> feeds = ConcurrentHashMap.newKeySet();

    private volatile long timer = -1;
    private volatile boolean reading;

    /**
     * A registered instance as others see it.
     *
     * @param id its name in the pool, host and port
     */
    public record Entry(String pool, String id, String url, int weight, Duration left) {}

    /** @param shared whether Redis knows it; {@code heardNanos} when this gateway last did */
    private record Held(String pool, Instance instance, long untilNanos, boolean shared, long heardNanos) {}

    public Registry(Vertx vertx, Redis redis, RegistryConfig config, Ticker ticker) {
        this.vertx = vertx;
        this.redis = redis;
        this.config = config;
        this.allow = Networks.of(config.allow());
        this.ticker = ticker;
    }

    /** Begins to read. Without any pool that takes registrations there is nothing to read. */
    public void start() {
        if (!config.pools().isEmpty()) {
            timer = vertx.setPeriodic(READ_MILLIS, id -> read());
        }
    }

    public void stop() {
        vertx.cancelTimer(timer);
    }

    /** Time after its last heartbeat when an instance is taken out. */
    public Duration lease() {
        return config.lease();
    }

    /** Whether what is registered here is known to all gateways now. */
    public boolean shared() {
        return redis.available();
    }

    /**
     * A registration or a heartbeat, which are the same.
     *
     * <p>Fails with a {@link Fault}: a pool that takes none, an address that is not allowed, a pool that is full.
     */
    public Future<Entry> register(String pool, String url, int weight) {
        Instance instance;
        try {
            instance = admit(pool, url, weight);
        } catch (Fault refused) {
            return Future.failedFuture(refused);
        }
        String key = pool + "|" + instance.name();
        if (!held.containsKey(key) && inPool(pool) >= config.maxInstances()) {
            return Future.failedFuture(full(pool));
        }
        return put(key, pool, instance)
                .recover(e -> e instanceof Fault fault && fault.code() == FaultCode.CONFLICT
                        ? Future.failedFuture(e)
                        : Future.succeededFuture(false))
                .map(shared -> {
                    long now = ticker.nanos();
                    Held before = held.put(
                            key, new Held(pool, instance, now + config.lease().toNanos(), shared, now));
                    if (before == null || !before.instance().equals(instance)) {
                        log.info("registry: {} joins pool {}", instance.url(), pool);
                        tell(pool);
                    }
                    return entry(pool, instance, config.lease());
                });
    }

    /** Takes an instance out at once. True if it was there. */
    public Future<Boolean> remove(String pool, String id) {
        String key = pool + "|" + id;
        boolean here = forget(key, "was taken out");
        return redis.script(SCRIPT, KEYS, List.of("drop", key))
                .map(response -> here || one(response))
                .otherwise(here);
    }

    /** All that are registered, sorted by pool and name. */
    public List<Entry> entries() {
        long now = ticker.nanos();
        return held.values().stream()
                .filter(one -> one.untilNanos() - now > 0)
                .map(one -> entry(one.pool(), one.instance(), Duration.ofNanos(one.untilNanos() - now)))
                .sorted(Comparator.comparing(Entry::pool).thenComparing(Entry::id))
                .toList();
    }

    /** What a pool learns of its instances. */
    Discovery discovery(String pool) {
        return new Feed(pool);
    }

    private Future<Boolean> put(String key, String pool, Instance instance) {
        List<Object> arguments = List.of(
                "put",
                key,
                instance.weight() + " " + instance.url(),
                config.lease().toMillis(),
                pool + "|",
                config.maxInstances());
        return redis.script(SCRIPT, KEYS, arguments).compose(response -> {
            return one(response) ? Future.succeededFuture(true) : Future.failedFuture(full(pool));
        });
    }

    private void read() {
        expire();
        if (reading || !redis.available()) {
            return;
        }
        reading = true;
        long began = ticker.nanos();
        redis.script(SCRIPT, KEYS, List.of("list")).onComplete(result -> {
            reading = false;
            if (result.succeeded() && result.result() != null) {
                merge(result.result(), began);
            } else {
                log.debug("registry not read", result.cause());
            }
        });
    }

    private void merge(Response list, long began) {
        Map<String, Held> heard = new ConcurrentHashMap<>();
        for (int i = 0; i + 2 < list.size(); i += 3) {
            String key = list.get(i).toString();
            String value = list.get(i + 1).toString();
            int space = value.indexOf(' ');
            try {
                String pool = key.substring(0, key.indexOf('|'));
                // Another gateway may allow more than this one does.
                int weight = Integer.parseInt(value.substring(0, space));
                Instance instance = admit(pool, value.substring(space + 1), weight);
                long until = began + Long.parseLong(list.get(i + 2).toString()) * 1_000_000;
                heard.put(key, new Held(pool, instance, until, true, began));
            } catch (Fault | NumberFormatException | IndexOutOfBoundsException refused) {
                log.debug("registry: {} is left out", key, refused);
            }
        }
        held.forEach((key, one) -> {
            // What Redis has never heard of stays until its lease ends: it came while Redis was away.
            if (one.shared() && one.heardNanos() - began < 0 && !heard.containsKey(key)) {
                forget(key, "has left");
            }
        });
        heard.forEach((key, one) -> {
            Held before = held.put(key, one);
            if (before == null || !before.instance().equals(one.instance())) {
                log.info("registry: {} joins pool {}", one.instance().url(), one.pool());
                tell(one.pool());
            }
        });
    }

    private void expire() {
        long now = ticker.nanos();
        held.forEach((key, one) -> {
            if (one.untilNanos() - now <= 0) {
                forget(key, "is silent");
            }
        });
    }

    private boolean forget(String key, String why) {
        Held gone = held.remove(key);
        if (gone == null) {
            return false;
        }
        log.info("registry: {} of pool {} {}", gone.instance().url(), gone.pool(), why);
        tell(gone.pool());
        return true;
    }

    private void tell(String pool) {
        for (Feed feed : feeds) {
            if (feed.pool.equals(pool)) {
                feed.tell();
            }
        }
    }

    private Instance admit(String pool, String url, int weight) {
        if (!config.pools().contains(pool)) {
            throw Fault.of(
                    FaultCode.NOT_FOUND,
                    "The pool '" + pool + "' takes no registrations; registry.pools names those that do.");
        }
        Instance instance;
        try {
            instance = Instance.of("", url.length() > LONGEST_URL ? "" : url, weight);
        } catch (IllegalArgumentException e) {
            throw Fault.invalid("url", "The URL of an instance cannot be used: " + e.getMessage() + ".");
        }
        // Names are not looked up: who answers for one may change after it was allowed.
        if (!allow.contain(instance.address())) {
            throw Fault.detailed(
                    FaultCode.FORBIDDEN,
                    403,
                    Networks.literal(instance.address())
                            ? "The address " + instance.address() + " is in none of the networks of registry.allow."
                            : "An instance must register with its address, not with a name.",
                    "url",
                    null);
        }
        return instance;
    }

    private static boolean one(@Nullable Response response) {
        return response != null && "1".equals(response.toString());
    }

    private long inPool(String pool) {
        return held.values().stream().filter(one -> one.pool().equals(pool)).count();
    }

    private Fault full(String pool) {
        return Fault.of(
                FaultCode.CONFLICT,
                "The pool '" + pool + "' has its " + config.maxInstances() + " instances (registry.max-instances).");
    }

    private static Entry entry(String pool, Instance instance, Duration left) {
        return new Entry(pool, instance.name(), instance.url(), instance.weight(), left);
    }

    /** What one pool hears. */
    private final class Feed implements Discovery {
        private final String pool;
        private volatile @Nullable Consumer<List<Instance>> found;

        private Feed(String pool) {
            this.pool = pool;
        }

        @Override
        public void start(Consumer<List<Instance>> listener) {
            found = listener;
            feeds.add(this);
            tell();
        }

        @Override
        public void stop() {
            found = null;
            feeds.remove(this);
        }

        @Override
        public @Nullable String problem() {
            return redis.available() ? null : "without Redis only what registered at this gateway is known";
        }

        private void tell() {
            Consumer<List<Instance>> listener = found;
            if (listener != null) {
                listener.accept(held.values().stream()
                        .filter(one -> one.pool().equals(pool))
                        .map(Held::instance)
                        .sorted(Comparator.comparing(Instance::name))
                        .toList());
            }
        }
    }
}
