package dev.penstock.gateway.ops;

import dev.penstock.common.contract.MonitorContract.BatchFigures;
import dev.penstock.common.contract.MonitorContract.CacheFigures;
import dev.penstock.common.contract.MonitorContract.Check;
import dev.penstock.common.contract.MonitorContract.ClusterHealth;
import dev.penstock.common.contract.MonitorContract.History;
import dev.penstock.common.contract.MonitorContract.Live;
import dev.penstock.common.contract.MonitorContract.Metrics;
import dev.penstock.common.contract.MonitorContract.Point;
import dev.penstock.common.contract.MonitorContract.ServiceHealth;
import dev.penstock.common.contract.MonitorContract.SloState;
import dev.penstock.common.contract.MonitorContract.Traffic;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.function.Function;

/** What monitor-service knows, as the API and the dashboard's stream write it. Null means unknown, never zero. */
final class MonitorJson {
    private MonitorJson() {}

    static JsonObject history(History history) {
        return new JsonObject().put("type", "history").put("points", array(history.points(), MonitorJson::point));
    }

    static JsonObject live(Live live) {
        Metrics metrics = live.metrics();
        Traffic total = metrics.total();
        return new JsonObject()
                .put("type", "live")
                .put("at", live.atMillis())
                .put("windowSeconds", metrics.window().toSeconds())
                .put("status", Labels.of(live.health().status()))
                .put("reasons", new JsonArray(live.health().reasons()))
                .put("rate", total.requestsPerSecond())
                .put("errorRate", total.errorRatio())
                .put("p50Ms", total.p50Millis())
                .put("p95Ms", total.p95Millis())
                .put("p99Ms", total.p99Millis())
                .put("inFlight", metrics.inFlight())
                .put("cache", cache(metrics.cache()))
                .put("batching", batching(metrics.batching()))
                .put("services", array(live.health().services(), MonitorJson::serviceRow))
                .put("slo", metrics.slos().isEmpty() ? null : slo(metrics.slos().getFirst()));
    }

    /** What the stream says while nobody measures. */
    static JsonObject silent(long atMillis, String reason) {
        JsonObject live = new JsonObject()
                .put("type", "live")
                .put("at", atMillis)
                .put("windowSeconds", 0)
                .put("status", "unknown")
                .put("reasons", new JsonArray().add(reason));
        List.of("rate", "errorRate", "p50Ms", "p95Ms", "p99Ms", "inFlight", "cache", "batching", "slo")
                .forEach(live::putNull);
        return live.put("services", new JsonArray());
    }

    static JsonObject health(ClusterHealth health) {
        return new JsonObject()
                .put("status", Labels.of(health.status()))
                .put("reasons", new JsonArray(health.reasons()))
                .put("services", array(health.services(), MonitorJson::service));
    }

    static JsonObject metrics(Metrics metrics) {
        return new JsonObject()
                .put("windowSeconds", metrics.window().toSeconds())
                .put("coverage", metrics.coverage())
                .put("inFlight", metrics.inFlight())
                .put("total", traffic(metrics.total()))
                .put("routes", array(metrics.byRoute(), MonitorJson::traffic))
                .put("cache", cache(metrics.cache()))
                .put("batching", batching(metrics.batching()))
                .put("slos", array(metrics.slos(), MonitorJson::slo));
    }

    private static JsonObject traffic(Traffic traffic) {
        return new JsonObject()
                .put("route", traffic.group())
                .put("requests", traffic.requests())
                .put("errors", traffic.errors())
                .put("requestsPerSecond", traffic.requestsPerSecond())
                .put("errorRatio", traffic.errorRatio())
                .put("p50Ms", traffic.p50Millis())
                .put("p95Ms", traffic.p95Millis())
                .put("p99Ms", traffic.p99Millis());
    }

    private static JsonObject cache(CacheFigures cache) {
        return new JsonObject()
                .put("l1", cache.l1())
                .put("l2", cache.l2())
                .put("l3", cache.l3())
                .put("item", cache.item())
                .put("misses", cache.misses())
                .put("hitRatio", cache.hitRatio());
    }

    private static JsonObject batching(BatchFigures batching) {
        return new JsonObject()
                .put("calls", batching.calls())
                .put("items", batching.items())
                .put("meanSize", batching.meanSize())
                .put("maxSize", batching.maxSize())
                .put("waitP95Ms", batching.waitP95Millis())
                .put("queued", batching.queued())
                .put("sizes", pairs(batching.sizes()));
    }

    static JsonArray pairs(List<long[]> pairs) {
        return array(pairs, pair -> {
            JsonArray array = new JsonArray();
            for (long part : pair) {
                array.add(part);
            }
            return array;
        });
    }

    private static JsonObject slo(SloState slo) {
        return new JsonObject()
                .put("name", slo.name())
                .put("objective", slo.objective())
                .put("burn", slo.burn())
                .put("budgetRemaining", slo.budgetRemaining())
                .put("breached", slo.breached());
    }

    private static JsonObject serviceRow(ServiceHealth service) {
        return new JsonObject()
                .put("service", service.service())
                .put("member", service.member())
                .put("status", Labels.of(service.status()))
                .put("lastSeenSeconds", service.lastSeenMillisAgo() / 1000.0);
    }

    private static JsonObject service(ServiceHealth service) {
        return serviceRow(service).put("checks", array(service.checks(), MonitorJson::check));
    }

    private static JsonObject check(Check check) {
        return new JsonObject()
                .put("name", check.name())
                .put("status", Labels.of(check.status()))
                .put("detail", check.detail());
    }

    private static JsonObject point(Point point) {
        return new JsonObject()
                .put("at", point.atMillis())
                .put("rate", point.rate())
                .put("errorRate", point.errorRatio())
                .put("p50Ms", point.p50Millis())
                .put("p95Ms", point.p95Millis())
                .put("p99Ms", point.p99Millis())
                .put("hitRatio", point.hitRatio())
                .put("meanBatch", point.meanBatch());
    }

    static <T> JsonArray array(List<T> items, Function<T, Object> form) {
        JsonArray array = new JsonArray();
        items.forEach(item -> array.add(form.apply(item)));
        return array;
    }
}
