package dev.penstock.gateway.ops;

import dev.penstock.common.contract.BatchContract;
import dev.penstock.common.contract.BatchContract.Inspect;
import dev.penstock.common.contract.BatchContract.Instance;
import dev.penstock.common.contract.BatchContract.Pool;
import dev.penstock.common.contract.BatchContract.Pools;
import dev.penstock.common.service.ServiceContext;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Map;

/** What the pools do now. */
final class BatchingOperations {
    private final ServiceContext context;

    BatchingOperations(ServiceContext context) {
        this.context = context;
    }

    void register(Map<Operations, OperationHandler> handlers) {
        handlers.put(Operations.POOLS, this::pools);
    }

    private Future<Answer> pools(OpsCall call) {
        return Members.ask(context, BatchContract.INSPECT, new Inspect(), call.context())
                .map(replies -> {
                    JsonArray pools = new JsonArray();
                    for (Pools owned : replies.answers()) {
                        owned.pools().forEach(pool -> pools.add(pool(pool).put("owner", owned.member())));
                    }
                    return Answer.json(
                            new JsonObject().put("pools", pools).put("silent", new JsonArray(replies.silent())));
                });
    }

    private static JsonObject pool(Pool pool) {
        return new JsonObject()
                .put("model", pool.model())
                .put("calls", pool.calls())
                .put("items", pool.items())
                .put("meanSize", pool.calls() == 0 ? null : (double) pool.items() / pool.calls())
                .put("queued", pool.queued())
                .put("inFlight", pool.inFlight())
                .put("sizes", MonitorJson.pairs(pool.sizes()))
                .put("fittedBaseMs", pool.fittedBaseMillis())
                .put("fittedPerItemMs", pool.fittedPerItemMillis())
                .put("instances", MonitorJson.array(pool.instances(), BatchingOperations::instance));
    }

    private static JsonObject instance(Instance instance) {
        return new JsonObject()
                .put("name", instance.name())
                .put("state", instance.state())
                .put("inFlight", instance.inFlight())
                .put("calls", instance.calls())
                .put("failures", instance.failures())
                .put("ewmaMs", instance.ewmaMillis());
    }
}
