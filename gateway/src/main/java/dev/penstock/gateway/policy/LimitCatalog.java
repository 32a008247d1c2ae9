package dev.penstock.gateway.policy;

import dev.penstock.common.config.LimitClassConfig;
import dev.penstock.common.config.LimitScope;
import dev.penstock.gateway.policy.WindowSet.Limit;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which rules hold for a call: for each kind of subject the most specific one by name (the key's own class, then the model,
 * the operation or route, the class of operations), and beside it the one called {@code all}. Shipped limits are those of
 * DESIGN §3; the configuration replaces them name by name. Immutable.
 */
public final class LimitCatalog {
    /** The name of rules that hold for every call that is counted. */
    public static final String ALL = "all";

    private static final long SECOND = 1_000;
    private static final long MINUTE = 60_000;
    private static final long HOUR = 60 * MINUTE;
    private static final long DAY = 24 * HOUR;
    /** Burst where the configuration names none: this part of the rate of a second. */
    private static final long BURST_PART = 10;

    /** Limits that operations of the operations API have of their own. */
    private static final List<LimitClassConfig> SHIPPED_OPERATIONS = List.of(
            LimitClassConfig.requests("health", 0, 1_000, 0),
            LimitClassConfig.requests("metrics", 100, 500, 0),
            LimitClassConfig.requests("cache-stats", 100, 200, 0),
            LimitClassConfig.requests("cache-invalidate", 0, 50, 0),
            LimitClassConfig.requests("ml-optimize", 0, 10, 0),
            LimitClassConfig.requests("registry", 2_000, 0, 0));

    private final Map<LimitScope, Map<String, LimitRule>> rules = new EnumMap<>(LimitScope.class);

    /** @param configured what the configuration says; a name it does not mention keeps its shipped limits */
    public LimitCatalog(List<LimitClassConfig> configured) {
        for (OperationClass shipped : OperationClass.values()) {
            put(LimitClassConfig.requests(shipped.label(), shipped.perMinute(), shipped.perHour(), shipped.perDay()));
        }
        SHIPPED_OPERATIONS.forEach(this::put);
        configured.forEach(this::put);
    }

    private void put(LimitClassConfig config) {
        LimitRule rule = rule(config);
        rules.computeIfAbsent(rule.scope(), scope -> new HashMap<>()).put(rule.name(), rule);
    }

    /** Whether some rule has that name: what a key may name as its class. */
    public boolean knows(String name) {
        String wanted = name.toLowerCase(Locale.ROOT);
        return rules.values().stream().anyMatch(named -> named.containsKey(wanted));
    }

    /** The kinds of subjects that anything is counted for. */
    public Set<LimitScope> scopes() {
        return Set.copyOf(rules.keySet());
    }

    /**
     * The rules of one kind of subject that hold for a call.
     *
     * @param own the class of the caller's key, or null; it replaces the others for the key
     * @param model the model that is asked, or null where none is or it is not known yet
     */
    public List<LimitRule> rules(
            LimitScope scope,
            String operation,
            OperationClass operationClass,
            @Nullable String own,
            @Nullable String model) {
        Map<String, LimitRule> named = rules.get(scope);
        if (named == null) {
            return List.of();
        }
        List<LimitRule> found = new ArrayList<>(2);
        LimitRule rule = own == null || scope != LimitScope.KEY ? null : named.get(own.toLowerCase(Locale.ROOT));
        if (rule == null && model != null) {
            rule = named.get(model.toLowerCase(Locale.ROOT));
        }
        if (rule == null) {
            rule = named.get(operation.toLowerCase(Locale.ROOT));
        }
        if (rule == null) {
            rule = named.get(operationClass.label());
        }
        if (rule != null) {
            found.add(rule);
        }
        LimitRule all = named.get(ALL);
        if (all != null && !all.equals(rule)) {
            found.add(all);
        }
        return found;
    }

    private static LimitRule rule(LimitClassConfig config) {
        List<Limit> requests = new ArrayList<>();
        if (config.perSecond() > 0) {
            long burst = config.burst() > 0 ? config.burst() : Math.max(1, config.perSecond() / BURST_PART);
            requests.add(new Limit("second", SECOND, config.perSecond(), burst));
        }
        windows(requests, config.perMinute(), config.perHour(), config.perDay());
        List<Limit> tokens = new ArrayList<>();
        windows(tokens, config.tokensPerMinute(), config.tokensPerHour(), config.tokensPerDay());
        String name = config.name().toLowerCase(Locale.ROOT);
        return new LimitRule(config.scope(), name, requests, tokens, config.concurrent());
    }

    private static void windows(List<Limit> limits, long perMinute, long perHour, long perDay) {
        add(limits, "minute", MINUTE, perMinute);
        add(limits, "hour", HOUR, perHour);
        add(limits, "day", DAY, perDay);
    }

    private static void add(List<Limit> limits, String window, long length, long most) {
        if (most > 0) {
            limits.add(new Limit(window, length, most));
        }
    }
}
