package dev.penstock.gateway.ops;

import dev.penstock.common.contract.SecurityContract.Kind;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.pool.PoolStatus;
import dev.penstock.common.pool.Pools;
import dev.penstock.common.pool.Registry;
import dev.penstock.gateway.audit.Audit;
import dev.penstock.gateway.http.ClientAddress;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** The instances of plain services: who registered itself, and how all of them are. */
final class RegistryOperations {
    private static final Set<String> FIELDS = Set.of("url", "port", "weight");
    private static final int HEARTBEATS_PER_LEASE = 3;

    private final Pools pools;
    private final Registry registry;
    private final Audit audit;

    RegistryOperations(Pools pools, Audit audit) {
        this.pools = pools;
        this.audit = audit;
        this.registry = pools.registry();
    }

    void register(Map<Operations, OperationHandler> handlers) {
        handlers.put(Operations.REGISTRY_LIST, this::list);
        handlers.put(Operations.REGISTRY_PUT, this::put);
        handlers.put(Operations.REGISTRY_DELETE, this::delete);
    }

    private Future<Answer> list(OpsCall call) {
        JsonArray registered = new JsonArray();
        registry.entries().forEach(entry -> registered.add(entry(entry)));
        JsonArray all = new JsonArray();
        pools.states().forEach(pool -> all.add(pool(pool)));
        return Future.succeededFuture(Answer.json(new JsonObject()
                .put("instances", registered)
                .put("scope", scope())
                .put("pools", all)));
    }

    private Future<Answer> put(OpsCall call) {
        JsonObject body = call.body(FIELDS);
        int weight = number(body, "weight", 1, 1, 1000);
        String pool = call.pathParameter("pool");
        Set<String> before = known(pool);
        return registry.register(pool, url(call, body), weight)
                // A heartbeat, which comes every few seconds, is no act.
                .compose(entry -> before.contains(entry.id())
                        ? Future.succeededFuture(entry)
                        : audit.record(call.act(
                                        Kind.INSTANCE_CHANGED, pool + "/" + entry.id(), "registered: " + entry.url()))
                                .map(entry))
                .map(entry -> Answer.json(entry(entry)
                        .put("scope", scope())
                        .put("heartbeatMs", registry.lease().toMillis() / HEARTBEATS_PER_LEASE)));
    }

    private Future<Answer> delete(OpsCall call) {
        String id = call.pathParameter("id");
        String pool = call.pathParameter("pool");
        return registry.remove(pool, id)
                .compose(there -> there
                        ? audit.record(call.act(Kind.INSTANCE_CHANGED, pool + "/" + id, "taken out"))
                                .map(done -> Answer.empty(Map.of()))
                        : Future.failedFuture(
                                Fault.of(FaultCode.NOT_FOUND, "No instance '" + id + "' is registered there.")));
    }

    private Set<String> known(String pool) {
        return registry.entries().stream()
                .filter(entry -> entry.pool().equals(pool))
                .map(Registry.Entry::id)
                .collect(Collectors.toSet());
    }

    /** The URL that was given, or that port at the address which the request came from. */
    private static String url(OpsCall call, JsonObject body) {
        String url = OpsCall.text(body, "url");
        boolean port = body.getValue("port") != null;
        if ((url == null) != port) {
            throw Fault.invalid(
                    "url", "Give either 'url' or 'port', the port at the address that this call comes from.");
        }
        if (url != null) {
            return url;
        }
        String address = ClientAddress.of(call.request());
        String host = address.contains(":") ? "[" + address + "]" : address;
        return "http://" + host + ":" + number(body, "port", 0, 1, 65_535);
    }

    private static int number(JsonObject body, String field, int absent, int least, int most) {
        Object value = body.getValue(field);
        if (value == null) {
            return absent;
        }
        if (value instanceof Integer number && number >= least && number <= most) {
            return number;
        }
        throw Fault.invalid(field, "'" + field + "' must be a whole number between " + least + " and " + most + ".");
    }

    private String scope() {
        return registry.shared() ? "cluster" : "this gateway only";
    }

    private static JsonObject entry(Registry.Entry entry) {
        return new JsonObject()
                .put("pool", entry.pool())
                .put("id", entry.id())
                .put("url", entry.url())
                .put("weight", entry.weight())
                .put("leaseMs", entry.left().toMillis());
    }

    private static JsonObject pool(PoolStatus pool) {
        return new JsonObject()
                .put("name", pool.name())
                .put("balancing", pool.balancing())
                .put("discovery", pool.discovery())
                .put("problem", pool.problem())
                .put("connections", connections(pool))
                .put("instances", MonitorJson.array(pool.members(), RegistryOperations::member));
    }

    private static JsonObject connections(PoolStatus pool) {
        return new JsonObject()
                .put("inUse", pool.inUse())
                .put("pending", pool.pending())
                .put("max", pool.max());
    }

    private static JsonObject member(PoolStatus.Member member) {
        return new JsonObject()
                .put("name", member.name())
                .put("url", member.url())
                .put("state", member.state().name().toLowerCase(Locale.ROOT))
                .put("weight", member.weight())
                .put("inFlight", member.inFlight())
                .put("calls", member.calls())
                .put("failures", member.failures())
                .put("ewmaMs", member.latencyMillis());
    }
}
