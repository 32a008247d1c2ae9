package dev.penstock.gateway.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.common.cluster.StandaloneMembership;
import dev.penstock.common.config.LimitClassConfig;
import dev.penstock.common.contract.BatchContract;
import dev.penstock.common.contract.CacheContract;
import dev.penstock.common.contract.MonitorContract;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.service.Role;
import dev.penstock.common.store.AbsentRedis;
import dev.penstock.common.telemetry.MicrometerTelemetry;
import dev.penstock.common.time.Ticker;
import dev.penstock.gateway.auth.AccessRole;
import dev.penstock.gateway.limit.Limiter;
import dev.penstock.testkit.Await;
import io.vertx.core.Future;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OperationsTest {
    private static final String[] ADMIN = OpsServer.bearer(OpsServer.ADMIN_KEY);

    @TempDir
    Path folder;

    private OpsServer server;

    @BeforeEach
    void start() {
        server = new OpsServer(folder);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void healthWithoutAMonitorIsOwnAndSaysSo() {
        assertThat(server.get("/health/simple").body()).isEqualTo("{\"status\":\"ok\"}");
        HttpResponse<String> answer = server.get("/api/performance/health");
        JsonObject health = new JsonObject(answer.body());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(health.getString("status")).isEqualTo("degraded");
        assertThat(health.getJsonArray("reasons").getString(0)).isEqualTo("monitor absent");
        assertThat(health.getJsonArray("services")).hasSize(5);
    }

    @Test
    void healthFollowsTheMonitor() {
        var status = new AtomicReference<>(MonitorContract.Status.HEALTHY);
        var service = new MonitorContract.ServiceHealth("cache", "m1", MonitorContract.Status.HEALTHY, 1500, List.of());
        Await.result(server.harness
                .bus()
                .serve(
                        MonitorContract.HEALTH,
                        (request, call) -> Future.succeededFuture(
                                new MonitorContract.ClusterHealth(status.get(), List.of("why"), List.of(service)))));
        server.harness.context().membership().announce(Role.MONITOR);
        assertThat(server.get("/health").statusCode()).isEqualTo(200);
        status.set(MonitorContract.Status.UNHEALTHY);
        HttpResponse<String> unhealthy = server.get("/health");
        assertThat(unhealthy.statusCode()).isEqualTo(503);
        JsonObject first =
                new JsonObject(unhealthy.body()).getJsonArray("services").getJsonObject(0);
        assertThat(first.getDouble("lastSeenSeconds")).isEqualTo(1.5);
    }

    @Test
    void cacheFiguresComeFromEveryMemberAndTheGateway() {
        var tier = new CacheContract.TierStats(CacheContract.Tier.L2, 9, 1, 4, 1000, true);
        Await.result(server.harness
                .bus()
                .serve(
                        CacheContract.STATS,
                        (request, call) -> Future.succeededFuture(new CacheContract.Stats("m1", List.of(tier), 2, 3))));
        var asked = new AtomicReference<CacheContract.Scope>();
        Await.result(server.harness.bus().serve(CacheContract.INVALIDATE, (request, call) -> {
            asked.set(request.scope());
            return Future.succeededFuture(
                    new CacheContract.Invalidated(7, request.scope().type() != null));
        }));
        server.harness.context().membership().announce(Role.CACHE);
        JsonObject stats =
                new JsonObject(server.get("/api/performance/cache/stats", ADMIN).body());
        assertThat(stats.getJsonArray("tiers").getJsonObject(0).getDouble("hitRatio"))
                .isEqualTo(0.9);
        assertThat(stats.getJsonObject("gateway").getLong("bytes")).isEqualTo(100);
        String path = "/api/performance/cache/invalidate";
        HttpResponse<String> all = server.send("POST", path, "{\"scope\":\"all\"}", ADMIN);
        assertThat(all.statusCode()).isEqualTo(200);
        assertThat(asked.get()).isEqualTo(CacheContract.Scope.EVERYTHING);
        HttpResponse<String> pending = server.send("POST", path, "{\"type\":\"short-trend\"}", ADMIN);
        assertThat(pending.statusCode()).isEqualTo(202);
        assertThat(asked.get().type()).isEqualTo(CacheContract.CacheType.SHORT_TREND);
        assertThat(server.send("POST", path, "{}", ADMIN).statusCode()).isEqualTo(400);
    }

    @Test
    void poolsAreThoseOfEveryMember() {
        var pool = new BatchContract.Pool("m", 2, 8, 0, 1, List.of(new long[] {4, 2}), 20.0, 1.0, List.of());
        Await.result(server.harness
                .bus()
                .serve(
                        BatchContract.INSPECT,
                        (request, call) -> Future.succeededFuture(new BatchContract.Pools("m1", List.of(pool)))));
        server.harness.context().membership().announce(Role.BATCHING);
        JsonObject pools =
                new JsonObject(server.get("/api/batching/pools", ADMIN).body());
        JsonObject first = pools.getJsonArray("pools").getJsonObject(0);
        assertThat(first.getDouble("meanSize")).isEqualTo(4.0);
        assertThat(first.getJsonArray("sizes").encode()).isEqualTo("[[4,2]]");
    }

    @Test
    void aServiceThatIsAwayIsSaidToBe() {
        HttpResponse<String> away = server.get("/api/performance/metrics?window=5m", ADMIN);
        assertThat(away.statusCode()).isEqualTo(503);
        assertThat(away.headers().firstValue("retry-after")).isPresent();
        assertThat(server.get("/api/performance/metrics?window=x", ADMIN).statusCode())
                .isEqualTo(400);
    }

    @Test
    void aKeyIsShownOnceWorksAtOnceAndDiesWithItsSessions() {
        HttpResponse<String> created = server.send(
                "POST", "/api/admin/keys", "{\"name\":\"ci\",\"role\":\"analyst\",\"team\":\"red\"}", ADMIN);
        assertThat(created.statusCode()).isEqualTo(201);
        JsonObject key = new JsonObject(created.body());
        assertThat(key.getString("key")).matches("psk-[A-Za-z0-9]{40,}");
        HttpResponse<String> session = server.send("POST", "/api/auth/session", "", "x-api-key", key.getString("key"));
        String cookie = session.headers().firstValue("set-cookie").orElseThrow();
        assertThat(cookie)
                .contains("HttpOnly")
                .contains("SameSite=Strict")
                .contains("Path=/")
                .doesNotContain("Secure");
        String pair = cookie.split(";", 2)[0];
        HttpResponse<String> who = server.get("/api/auth/session", "cookie", pair);
        assertThat(new JsonObject(who.body()))
                .isEqualTo(new JsonObject()
                        .put("role", "analyst")
                        .put("team", "red")
                        .put("name", "ci")
                        .putNull("user"));
        assertThat(server.get("/api/admin/keys", ADMIN).body())
                .contains(key.getString("id"))
                .doesNotContain(key.getString("key"));
        String path = "/api/admin/keys/" + key.getString("id");
        assertThat(server.send("DELETE", path, "", ADMIN).statusCode()).isEqualTo(204);
        assertThat(server.send("DELETE", path, "", ADMIN).statusCode()).isEqualTo(404);
        assertThat(server.get("/api/auth/session", "cookie", pair).statusCode()).isEqualTo(401);
        assertThat(server.get("/api/auth/session", "x-api-key", key.getString("key"))
                        .statusCode())
                .isEqualTo(401);
    }

    @Test
    void aCookieChangesNothingFromAForeignPage() {
        String key = server.key(AccessRole.ADMIN, null);
        String pair = server.send("POST", "/api/auth/session", "", OpsServer.bearer(key))
                .headers()
                .firstValue("set-cookie")
                .orElseThrow()
                .split(";", 2)[0];
        String path = "/api/admin/keys";
        String body = "{\"name\":\"x\"}";
        assertThat(server.send("POST", path, body, "cookie", pair).statusCode()).isEqualTo(403);
        assertThat(server.send("POST", path, body, "cookie", pair, "origin", "https://evil.example.com")
                        .statusCode())
                .isEqualTo(403);
        assertThat(server.send("POST", path, body, "cookie", pair, "origin", "http://127.0.0.1:" + server.port())
                        .statusCode())
                .isEqualTo(201);
        assertThat(server.send("POST", path, body, "cookie", pair, "origin", "https://console.example.com")
                        .statusCode())
                .isEqualTo(201);
    }

    @Test
    void limitsRefuseBeforeTheOperationRuns() {
        server.close();
        server = new OpsServer(
                folder,
                (operation, request, principal) ->
                        Future.failedFuture(Fault.retryLater(FaultCode.RATE_LIMITED, "enough", Duration.ofSeconds(7))));
        HttpResponse<String> refused = server.get("/health");
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(refused.headers().firstValue("retry-after")).hasValue("7");
        assertThat(server.get("/health/simple").statusCode()).isEqualTo(200);
    }

    @Test
    void publicHealthIsCountedByAddressAndTheConfigurationWins() {
        server.close();
        var own = List.of(LimitClassConfig.requests("health", 2, 0, 0));
        var limiter = new Limiter(
                new AbsentRedis(), new StandaloneMembership(), Ticker.system(), new MicrometerTelemetry(), own, false);
        server = new OpsServer(folder, new LimiterAdmission(limiter, (operationClass, window) -> {}));
        assertThat(server.get("/health").headers().firstValue("ratelimit")).isPresent();
        assertThat(server.get("/api/performance/health").statusCode()).isEqualTo(200);
        assertThat(server.get("/health").statusCode()).isEqualTo(429);
    }

    @Test
    void theDashboardIsServedWithoutASessionAndNothingElseIs() {
        HttpResponse<String> page = server.get("/dashboard", "accept-encoding", "identity");
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.headers().firstValue("cache-control")).hasValue("no-cache");
        assertThat(page.headers().firstValue("content-security-policy").orElseThrow())
                .contains("script-src 'self'")
                .doesNotContain("unsafe");
        String etag = page.headers().firstValue("etag").orElseThrow();
        assertThat(server.get("/dashboard/deep/link", "if-none-match", etag).statusCode())
                .isEqualTo(304);
        String script = page.body().replaceAll("(?s).*src=\"(/dashboard/assets/[^\"]+)\".*", "$1");
        HttpResponse<String> asset = server.get(script, "accept-encoding", "gzip, br");
        assertThat(asset.headers().firstValue("content-encoding")).hasValue("br");
        assertThat(asset.headers().firstValue("vary")).hasValue("accept-encoding");
        assertThat(asset.headers().firstValue("cache-control")).hasValue("public, max-age=31536000, immutable");
        assertThat(server.get(script, "accept-encoding", "br;q=0, gzip")
                        .headers()
                        .firstValue("content-encoding"))
                .hasValue("gzip");
        assertThat(server.get("/dashboard/assets/..%2f..%2flogback-test.xml").statusCode())
                .isEqualTo(404);
        assertThat(server.get("/optimization/performance/dashboard").statusCode())
                .isEqualTo(200);
    }

    @Test
    void theMonitorStreamBeginsWithThePastAndTicks() {
        var point = new MonitorContract.Point(1, 2, 0, null, null, null, null, null);
        Await.result(server.harness
                .bus()
                .serve(
                        MonitorContract.HISTORY,
                        (request, call) -> Future.succeededFuture(new MonitorContract.History(List.of(point)))));
        server.harness.context().membership().announce(Role.MONITOR);
        var socket = server.socket("/api/monitor/stream", server.key(AccessRole.USER, null));
        JsonObject history = socket.next();
        assertThat(history.getString("type")).isEqualTo("history");
        assertThat(history.getJsonArray("points").getJsonObject(0).getDouble("rate"))
                .isEqualTo(2.0);
        JsonObject silent = socket.next();
        assertThat(silent.getString("status")).isEqualTo("unknown");
        assertThat(silent.containsKey("p95Ms")).isTrue();
        server.harness.bus().publish(MonitorContract.LIVE, live(), server.harness.call());
        Await.until("a live tick arrives", () -> "healthy".equals(socket.next().getString("status")));
        assertThat(Await.failure(server.open(new WebSocketConnectOptions().setURI("/api/monitor/stream"))))
                .hasMessageContaining("401");
    }

    private static MonitorContract.Live live() {
        var traffic = new MonitorContract.Traffic("total", 10, 0, 1, 0, 1.0, 2.0, 3.0);
        var metrics = new MonitorContract.Metrics(
                Duration.ofSeconds(10),
                1,
                traffic,
                List.of(),
                1,
                new MonitorContract.CacheFigures(1, 0, 0, 0, 1, 0.5),
                new MonitorContract.BatchFigures(1, 4, 4.0, 4, 1.0, 0, List.of(new long[] {4, 1})),
                List.of());
        var health = new MonitorContract.ClusterHealth(MonitorContract.Status.HEALTHY, List.of(), List.of());
        return new MonitorContract.Live(System.currentTimeMillis(), health, metrics);
    }
}
