package dev.penstock.gateway.ops;

import dev.penstock.common.contract.CacheContract;
import dev.penstock.common.contract.CacheContract.CacheType;
import dev.penstock.common.contract.CacheContract.Invalidate;
import dev.penstock.common.contract.CacheContract.ReadStats;
import dev.penstock.common.contract.CacheContract.Scope;
import dev.penstock.common.contract.CacheContract.Stats;
import dev.penstock.common.contract.CacheContract.TierStats;
import dev.penstock.common.contract.SecurityContract.Kind;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.service.ServiceContext;
import dev.penstock.gateway.audit.Audit;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The cache's figures, and forgetting. */
final class CacheOperations {
    private static final String SUPPORTED =
            "Supported are {\"scope\":\"all\"}, {\"tenant\":\"team:…\"}, {\"type\":\"…\"}" + " with one of "
                    + Labels.all(CacheType.class) + ", and tenant and type together.";
    private static final Set<String> FIELDS = Set.of("scope", "tenant", "type");
    private static final int MAX_TENANT = 200;

    private final ServiceContext context;
    private final NearCacheFigures nearCache;
    private final Audit audit;

    CacheOperations(ServiceContext context, NearCacheFigures nearCache, Audit audit) {
        this.audit = audit;
        this.context = context;
        this.nearCache = nearCache;
    }

    void register(Map<Operations, OperationHandler> handlers) {
        handlers.put(Operations.CACHE_STATS, this::stats);
        handlers.put(Operations.CACHE_INVALIDATE, this::invalidate);
    }

    private Future<Answer> stats(OpsCall call) {
        return Members.ask(context, CacheContract.STATS, new ReadStats(), call.context())
                .map(replies -> Answer.json(new JsonObject()
                        .put("tiers", totals(replies.answers()))
                        .put("gateway", near())
                        .put("members", MonitorJson.array(replies.answers(), CacheOperations::member))
                        .put("silent", new JsonArray(replies.silent()))));
    }

    private JsonObject near() {
        NearCacheFigures.Figures figures = nearCache.read();
        return tier(figures.hits(), figures.misses(), figures.entries(), figures.bytes(), true)
                .put("tier", "l1")
                .put("member", context.membership().self());
    }

    /** Sums over the members. A tier that all of them share, such as Redis, has its entries counted by one only. */
    private static JsonArray totals(List<Stats> members) {
        Map<CacheContract.Tier, TierStats> sums = new EnumMap<>(CacheContract.Tier.class);
        for (Stats member : members) {
            for (TierStats tier : member.tiers()) {
                sums.merge(tier.tier(), tier, CacheOperations::sum);
            }
        }
        return MonitorJson.array(List.copyOf(sums.values()), CacheOperations::tier);
    }

    private static TierStats sum(TierStats one, TierStats other) {
        boolean own = one.tier() == CacheContract.Tier.MEMORY;
        return new TierStats(
                one.tier(),
                one.hits() + other.hits(),
                one.misses() + other.misses(),
                own ? one.entries() + other.entries() : Math.max(one.entries(), other.entries()),
                own ? one.bytes() + other.bytes() : Math.max(one.bytes(), other.bytes()),
                one.available() || other.available());
    }

    private static JsonObject member(Stats stats) {
        return new JsonObject()
                .put("member", stats.member())
                .put("flights", stats.flights())
                .put("coalesced", stats.coalesced())
                .put("tiers", MonitorJson.array(stats.tiers(), CacheOperations::tier));
    }

    private static JsonObject tier(TierStats tier) {
        return tier(tier.hits(), tier.misses(), tier.entries(), tier.bytes(), tier.available())
                .put("tier", Labels.of(tier.tier()));
    }

    private static JsonObject tier(long hits, long misses, long entries, long bytes, boolean available) {
        return new JsonObject()
                .put("hits", hits)
                .put("misses", misses)
                .put("hitRatio", hits + misses == 0 ? null : (double) hits / (hits + misses))
                .put("entries", entries)
                .put("bytes", bytes)
                .put("available", available);
    }

    private Future<Answer> invalidate(OpsCall call) {
        Scope scope = scope(call);
        return context.bus()
                .callAny(CacheContract.INVALIDATE, new Invalidate(scope), call.context())
                .compose(done -> audit.record(call.act(
                                Kind.CACHE_INVALIDATED,
                                scope.tenant() == null ? "everything" : scope.tenant(),
                                "type " + (scope.type() == null ? "any" : Labels.of(scope.type()))))
                        .map(done))
                .map(done -> Answer.json(
                        done.pending() ? 202 : 200,
                        new JsonObject()
                                .put("status", done.pending() ? "pending" : "done")
                                .put("generation", done.generation())));
    }

    private static Scope scope(OpsCall call) {
        JsonObject body = call.body(Set.of("scope", "tenant", "type", "pattern", "tag", "key", "tags", "keys"));
        for (String field : body.fieldNames()) {
            if (!FIELDS.contains(field)) {
                throw Fault.invalid(field, "Forgetting by " + field + " is not supported. " + SUPPORTED);
            }
        }
        String all = OpsCall.text(body, "scope");
        String tenant = OpsCall.text(body, "tenant");
        String type = OpsCall.text(body, "type");
        if (all != null) {
            if (!all.equals("all") || tenant != null || type != null) {
                throw Fault.invalid("scope", "'scope' can only be \"all\" and stands alone. " + SUPPORTED);
            }
            return Scope.EVERYTHING;
        }
        if (tenant == null && type == null) {
            throw Fault.of(FaultCode.INVALID_REQUEST, "The body does not say what to forget. " + SUPPORTED);
        }
        if (tenant != null && (tenant.isBlank() || tenant.length() > MAX_TENANT || tenant.contains("*"))) {
            throw Fault.invalid("tenant", "'tenant' must be the whole name of one tenant. " + SUPPORTED);
        }
        return new Scope(tenant, type(type), null);
    }

    private static @Nullable CacheType type(@Nullable String text) {
        return text == null
                ? null
                : Labels.parse(CacheType.class, text)
                        .orElseThrow(() -> Fault.invalid("type", "There is no type '" + text + "'. " + SUPPORTED));
    }
}
