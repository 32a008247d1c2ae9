package dev.penstock.gateway.limit;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.penstock.common.cluster.Membership;
import dev.penstock.common.config.LimitClassConfig;
import dev.penstock.common.config.LimitScope;
import dev.penstock.common.contract.MonitorContract.Check;
import dev.penstock.common.contract.MonitorContract.Status;
import dev.penstock.common.health.Health;
import dev.penstock.common.service.Role;
import dev.penstock.common.store.Redis;
import dev.penstock.common.telemetry.Telemetry;
import dev.penstock.common.time.Ticker;
import dev.penstock.gateway.limit.LimitScript.Part;
import dev.penstock.gateway.limit.LimitScript.Reply;
import dev.penstock.gateway.policy.LimitCatalog;
import dev.penstock.gateway.policy.LimitRule;
import dev.penstock.gateway.policy.OperationClass;
import dev.penstock.gateway.policy.WindowSet.Limit;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The limits of all callers, counted on Redis for all gateways together. High limits are leased in small lots, so that most
 * decisions need no hop; low ones are counted call by call. While Redis is away each gateway admits its share, the limit
 * divided by the gateways that are alive. Safe for many event loops.
 */
public final class Limiter {
    private static final int MAX_ALLOWANCES = 20_000;
    private static final int MAX_COUNTERS = 50_000;
    private static final int MAX_WORK = 10_000;
    private static final Duration LONGEST_WINDOW = Duration.ofHours(26);
    private static final long SWEEP_MILLIS = 50;
    private static final List<LimitScope> BEFORE_THE_BODY =
            List.of(LimitScope.KEY, LimitScope.USER, LimitScope.TEAM, LimitScope.ADDRESS, LimitScope.ROUTE);

    private final Redis redis;
    private final Membership membership;
    private final Ticker ticker;
    private volatile Book book;
    private final LimitScript script;
    private final LimitMetrics metrics;
    /** Whether a Redis is meant to be there: without one, counting here is no outage. */
    private final boolean shared;

    private final Cache<Who, Allowance> allowances = cache(MAX_ALLOWANCES);
    private final Cache<String, Counter> counters = cache(MAX_COUNTERS);
    /** Those that hold a lease. */
    private final Set<Allowance> leasing = ConcurrentHashMap.newKeySet();

    /**
     * The rules in force.
     *
     * @param rules by the key's own class (empty without), then by operation: bounded by the configuration and the API
     * @param work the rules that hold once the model is known
     */
    private record Book(
            LimitCatalog catalog, Map<String, Map<String, Rules>> rules, Cache<Work, List<LimitRule>> work) {
        static Book of(LimitCatalog catalog) {
            return new Book(catalog, new ConcurrentHashMap<>(), cache(MAX_WORK));
        }
    }

    /** Compared by identity: one per class and operation. */
    private static final class Rules {
        private final OperationClass operationClass;
        private final List<LimitRule> all;
        private final boolean user;
        private final boolean team;
        private final boolean address;

        Rules(OperationClass operationClass, List<LimitRule> all) {
            this.operationClass = operationClass;
            this.all = all;
            this.user = has(all, LimitScope.USER);
            this.team = has(all, LimitScope.TEAM);
            this.address = has(all, LimitScope.ADDRESS);
        }

        private static boolean has(List<LimitRule> all, LimitScope scope) {
            return all.stream().anyMatch(rule -> rule.scope() == scope);
        }
    }

    private record Who(
            Rules rules,
            String key,
            @Nullable String user,
            @Nullable String team,
            @Nullable String address) {}

    /** One kind of call to a model. */
    private record Work(String own, String operation, String model) {}

    /** @param shared whether the configuration names a Redis */
    public Limiter(
            Redis redis,
            Membership membership,
            Ticker ticker,
            Telemetry telemetry,
            List<LimitClassConfig> configured,
            boolean shared) {
        this.redis = redis;
        this.membership = membership;
        this.ticker = ticker;
        this.shared = shared;
        this.book = Book.of(new LimitCatalog(configured));
        this.script = new LimitScript(redis);
        this.metrics = new LimitMetrics(telemetry);
        telemetry.gauge(
                "penstock_limit_degraded",
                "1 while this gateway counts its share of the limits by itself, since Redis is away.",
                () -> shared && !redis.available() ? 1 : 0);
    }

    private static <K, V> Cache<K, V> cache(int most) {
        return Caffeine.newBuilder()
                .maximumSize(most)
                .expireAfterAccess(LONGEST_WINDOW)
                .executor(Runnable::run)
                .build();
    }

    /**
     * Other limits from now on. What Redis has counted goes on to count; leases taken under the limits before run out by
     * themselves. Thread-safe.
     */
    public void follow(LimitCatalog next) {
        book = Book.of(next);
    }

    /** Begins to give unused leases back. */
    public void start(Vertx vertx) {
        vertx.setPeriodic(SWEEP_MILLIS, id -> sweep());
    }

    /** Gives back what was leased and not used in time. */
    void sweep() {
        leasing.forEach(Allowance::sweep);
    }

    /** Callers whose leases are held here. */
    int leases() {
        return leasing.size();
    }

    /** Adds the line that says where requests are counted. */
    public void register(Health health) {
        health.register(() -> !shared || redis.available()
                ? new Check("limits", Status.HEALTHY, null)
                : new Check("limits", Status.DEGRADED, "Redis is away: each gateway counts its share of the limits"));
    }

    /** Whether some limits have that name: what a key may name as its class. */
    public boolean knows(String name) {
        return book.catalog().knows(name);
    }

    /**
     * What {@code caller} may do.
     *
     * @param operation name of the operation or the plain route
     * @return null where nothing limits it
     */
    public @Nullable Allowance allowance(Caller caller, String operation, OperationClass operationClass) {
        Book now = book;
        String known = known(now, caller);
        Rules found = now.rules()
                .computeIfAbsent(known, k -> new ConcurrentHashMap<>())
                .computeIfAbsent(operation, k -> rules(now.catalog(), known, operation, operationClass));
        if (found.all.isEmpty()) {
            return null;
        }
        Who who = new Who(
                found,
                caller.key(),
                found.user ? caller.user() : null,
                found.team ? caller.team() : null,
                found.address ? caller.address() : null);
        Allowance allowance = allowances.get(who, w -> allowance(found, caller, operation));
        return allowance.limitsNothing() ? null : allowance;
    }

    /** The class of the caller's key where it has limits, else empty. */
    private static String known(Book now, Caller caller) {
        String own = caller.own();
        return own == null || !now.catalog().knows(own) ? "" : own;
    }

    private static Rules rules(LimitCatalog catalog, String own, String operation, OperationClass operationClass) {
        List<LimitRule> all = new ArrayList<>();
        for (LimitScope scope : BEFORE_THE_BODY) {
            for (LimitRule rule : catalog.rules(scope, operation, operationClass, own.isEmpty() ? null : own, null)) {
                if (!rule.requests().isEmpty()) {
                    all.add(rule);
                }
            }
        }
        return new Rules(operationClass, List.copyOf(all));
    }

    private Allowance allowance(Rules found, Caller caller, String operation) {
        List<Counter> counted = new ArrayList<>();
        for (LimitRule rule : found.all) {
            String subject = subject(rule.scope(), caller, operation, null);
            if (subject != null) {
                counted.add(counter(rule, subject, "", rule.requests()));
            }
        }
        return new Allowance(this, found.operationClass, counted);
    }

    /** The rules that hold once the model is known. */
    List<LimitRule> workRules(Caller caller, String operation, OperationClass operationClass, String model) {
        Book now = book;
        return now.work()
                .get(
                        new Work(known(now, caller), operation, model),
                        work -> findWorkRules(now.catalog(), work, operationClass));
    }

    private static List<LimitRule> findWorkRules(LimitCatalog catalog, Work work, OperationClass operationClass) {
        String own = work.own().isEmpty() ? null : work.own();
        String model = work.model();
        List<LimitRule> all = new ArrayList<>();
        for (LimitScope scope : catalog.scopes()) {
            for (LimitRule rule : catalog.rules(scope, work.operation(), operationClass, own, model)) {
                boolean counts = countsAtWork(rule, model) && !rule.requests().isEmpty();
                if (counts || rule.limitsWork()) {
                    all.add(rule);
                }
            }
        }
        return List.copyOf(all);
    }

    /** Whether a rule's requests could not be counted before the model was known. */
    static boolean countsAtWork(LimitRule rule, String model) {
        return rule.scope() == LimitScope.MODEL || rule.name().equals(model.toLowerCase(Locale.ROOT));
    }

    /** Who a rule counts, as in Redis's keys; null where the caller has none such. */
    static @Nullable String subject(LimitScope scope, Caller caller, String operation, @Nullable String model) {
        return switch (scope) {
            case KEY -> caller.key();
            case USER -> caller.user() == null ? null : "user:" + caller.user();
            case TEAM -> caller.team() == null ? null : "team:" + caller.team();
            case ADDRESS -> "address:" + caller.address();
            case MODEL -> model == null ? null : "model:" + model;
            case ROUTE -> "route:" + operation;
        };
    }

    /** @param kind what is counted, as the end of the key */
    Counter counter(LimitRule rule, String subject, String kind, List<Limit> limits) {
        // The braces keep all of one subject in one slot of a Redis Cluster.
        String key = "penstock:{limit:" + subject + "}:" + rule.name() + kind;
        Counter known = counters.get(key, k -> new Counter(k, limits));
        if (known.limits().equals(limits)) {
            return known;
        }
        Counter changed = new Counter(key, limits); // the rule changed: Redis goes on, the windows here begin anew
        counters.put(key, changed);
        return changed;
    }

    Future<Reply> ask(List<Part> parts, long need, long want, long lifeMillis) {
        metrics.trip();
        return script.ask(parts, need, want, gateways(), lifeMillis).onFailure(cause -> metrics.failed());
    }

    void leased(Allowance allowance, boolean holds) {
        if (holds) {
            leasing.add(allowance);
        } else {
            leasing.remove(allowance);
        }
    }

    LimitMetrics metrics() {
        return metrics;
    }

    Redis redis() {
        return redis;
    }

    Membership membership() {
        return membership;
    }

    /** Whether Redis counts now. */
    boolean counted() {
        return redis.available();
    }

    boolean shared() {
        return shared;
    }

    /** How many gateways share the limits, at least 1. */
    int gateways() {
        return shared ? Math.max(1, membership.live(Role.GATEWAY).size()) : 1;
    }

    long nanos() {
        return ticker.nanos();
    }
}
