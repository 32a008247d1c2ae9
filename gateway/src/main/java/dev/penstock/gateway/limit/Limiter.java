package dev.penstock.gateway.limit;

import dev.penstock.common.cluster.Membership;
import dev.penstock.common.config.LimitClassConfig;
import dev.penstock.common.config.LimitScope;
import dev.penstock.common.contract.MonitorContract.Check;
import dev.penstock.common.contract.MonitorContract.Status;
import dev.penstock.common.health.Health;
import dev.penstock.common.service.Role;
import dev.penstock.common.store.Redis;
import dev.penstock.common.store.Scripts;
import dev.penstock.common.time.Ticker;
import dev.penstock.gateway.policy.LimitCatalog;
import dev.penstock.gateway.policy.LimitRule;
import dev.penstock.gateway.policy.OperationClass;
import dev.penstock.gateway.policy.RollingWindow;
import dev.penstock.gateway.policy.WindowSet.Decision;
import dev.penstock.gateway.policy.WindowSet.Limit;
import io.vertx.core.Future;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Counts requests per key and class: one call of Redis decides for all windows. While Redis is away each gateway admits
 * its share, the limit divided by the gateways that are alive; a cluster then overshoots by at most what one gateway
 * counted before the others came. Safe for use by many event loops.
 */
public final class Limiter {
    private static final Redis.Script SCRIPT = Scripts.load(Limiter.class, "rolling-windows.lua");
    private static final int FIELDS = 5;
    private static final long NANOS_PER_MILLI = 1_000_000;

    private final Redis redis;
    private final Membership membership;
    private final Ticker ticker;
    private final LimitCatalog catalog;
    private final LocalWindows local = new LocalWindows();
    /** Whether a Redis is meant to be there: without one, counting here is no outage. */
    private final boolean shared;

    public Limiter(
            Redis redis, Membership membership, Ticker ticker, List<LimitClassConfig> configured, boolean shared) {
        this.redis = redis;
        this.membership = membership;
        this.ticker = ticker;
        this.shared = shared;
        this.catalog = new LimitCatalog(configured);
    }

    /** Adds the line that says where requests are counted. */
    public void register(Health health) {
        health.register(() -> !shared || redis.available()
                ? new Check("limits", Status.HEALTHY, null)
                : new Check("limits", Status.DEGRADED, "Redis is away: each gateway counts its share of the limits"));
    }

    /**
     * Decides about one request and counts it if it is admitted. The future is complete at once where nothing limits the
     * operation or Redis is away; it never fails.
     *
     * @return null where nothing limits the operation
     */
    public Future<@Nullable Decision> decide(String keyId, String operation, OperationClass operationClass) {
        List<LimitRule> rules = catalog.rules(LimitScope.KEY, operation, operationClass, null, null);
        if (rules.isEmpty() || rules.getFirst().requests().isEmpty()) {
            return Future.succeededFuture();
        }
        List<Limit> limits = rules.getFirst().requests();
        String key = keyId + '}' + rules.getFirst().name();
        if (!redis.available()) {
            return Future.succeededFuture(here(key, limits));
        }
        return redis.script(SCRIPT, List.of("penstock:{limit:" + key), arguments(limits))
                .transform(result -> Future.succeededFuture(decision(result.result(), key, limits)));
    }

    private @Nullable Decision decision(@Nullable Response reply, String key, List<Limit> limits) {
        if (reply == null || reply.size() != FIELDS) {
            return here(key, limits);
        }
        boolean admitted = number(reply, 0) == 1;
        if (admitted) {
            local.note(key, limits, nowMillis());
        }
        Limit window = limits.get((int) number(reply, 1) - 1);
        return new Decision(
                admitted, window.most(), number(reply, 2), number(reply, 3), number(reply, 4), window.window());
    }

    private static long number(Response reply, int index) {
        Long value = reply.get(index).toLong();
        return value == null ? 0 : value;
    }

    private Decision here(String key, List<Limit> limits) {
        int gateways = shared ? membership.live(Role.GATEWAY).size() : 1;
        return local.decide(key, limits, nowMillis(), Math.max(1, gateways));
    }

    private static List<Object> arguments(List<Limit> limits) {
        List<Object> arguments = new ArrayList<>(1 + 2 * limits.size());
        arguments.add(Integer.toString(RollingWindow.PARTS));
        for (Limit limit : limits) {
            arguments.add(Long.toString(limit.lengthMillis()));
            arguments.add(Long.toString(limit.most()));
        }
        return arguments;
    }

    private long nowMillis() {
        return ticker.nanos() / NANOS_PER_MILLI;
    }
}
