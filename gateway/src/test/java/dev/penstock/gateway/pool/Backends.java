package dev.penstock.gateway.pool;

import dev.penstock.common.config.ConfigLoader;
import dev.penstock.common.config.PoolConfig;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.pool.Pick;
import dev.penstock.common.pool.Pool;
import dev.penstock.common.pool.Pools;
import dev.penstock.common.pool.Registry;
import dev.penstock.common.pool.Selection;
import dev.penstock.common.pool.policy.Outcome;
import dev.penstock.common.store.AbsentRedis;
import dev.penstock.common.telemetry.MicrometerTelemetry;
import dev.penstock.common.time.Ticker;
import dev.penstock.testkit.Await;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Small HTTP servers, and the pool that calls them. */
final class Backends implements AutoCloseable {
    final Vertx vertx = Vertx.vertx();
    private final Context loop = vertx.getOrCreateContext();
    final MicrometerTelemetry telemetry = new MicrometerTelemetry();
    final Pools pools = Pools.create(
            vertx,
            telemetry,
            Ticker.system(),
            () -> 1,
            "secret",
            new Registry(vertx, new AbsentRedis(), ConfigLoader.defaults().registry(), Ticker.system()));
    final List<Backend> backends = new ArrayList<>();

    /** One server; counts its calls (checks apart) and its connections. */
    final class Backend {
        final AtomicInteger calls = new AtomicInteger();
        final AtomicInteger checks = new AtomicInteger();
        final AtomicInteger connections = new AtomicInteger();
        volatile int status = 200;
        volatile long delayMillis;
        volatile Map<String, String> headers = Map.of();
        private volatile HttpServer server;
        private volatile int port;

        Backend start() {
            server = Await.result(vertx.createHttpServer(new HttpServerOptions().setHost("127.0.0.1"))
                    .connectionHandler(connection -> connections.incrementAndGet())
                    .requestHandler(request -> {
                        (request.path().equals("/health") ? checks : calls).incrementAndGet();
                        var response = request.response().setStatusCode(status);
                        headers.forEach(response::putHeader);
                        if (delayMillis == 0 || request.path().equals("/health")) {
                            response.end("ok");
                        } else {
                            vertx.setTimer(delayMillis, id -> response.end("ok"));
                        }
                    })
                    .listen(port));
            port = server.actualPort();
            return this;
        }

        void stop() {
            Await.result(server.close());
            // Refused on the caller's event loop: by then it has also seen that its idle connections are closed.
            Promise<Void> seen = Promise.promise();
            loop.runOnContext(
                    v -> vertx.createNetClient().connect(port, "127.0.0.1").onComplete(c -> seen.complete()));
            Await.result(seen.future());
        }

        int port() {
            return port;
        }

        String url() {
            return "http://127.0.0.1:" + port;
        }
    }

    /** How one call ended: the status, or the fault's; by whom. */
    record Ended(int status, String instance, String cookie) {}

    Backends start(int n) {
        for (int i = 0; i < n; i++) {
            backends.add(new Backend().start());
        }
        return this;
    }

    Backend get(int i) {
        return backends.get(i);
    }

    /** A pool of all backends, named a, b, c …, with that much more YAML. */
    Pool pool(String yaml, int... weights) {
        StringBuilder text = new StringBuilder("instances:\n");
        for (int i = 0; i < backends.size(); i++) {
            text.append("  - {name: ")
                    .append((char) ('a' + i))
                    .append(", url: \"")
                    .append(backends.get(i).url())
                    .append("\", weight: ")
                    .append(i < weights.length ? weights[i] : 1)
                    .append("}\n");
        }
        return pools.open("p", ConfigLoader.section(PoolConfig.class, text + yaml));
    }

    /** One call, as a route makes it. */
    Future<Ended> call(Pool pool, Selection how) {
        Promise<Ended> ended = Promise.promise();
        // On an event loop, as in the gateway: elsewhere an answer can come before its handler is set.
        loop.runOnContext(v -> send(pool, how).onComplete(ended));
        return ended.future();
    }

    private Future<Ended> send(Pool pool, Selection how) {
        Pick pick;
        try {
            pick = pool.pick(how);
        } catch (Fault fault) {
            return Future.succeededFuture(new Ended(fault.status(), "", ""));
        }
        long began = System.nanoTime();
        String cookie = pick.cookie() == null ? "" : pick.cookie();
        return pool.client()
                .request(pick.request(HttpMethod.GET, "/x"))
                .recover(e -> {
                    pick.done(Outcome.UNREACHABLE, 0, null);
                    return Future.failedFuture(e);
                })
                .compose(request -> request.send())
                .compose(response -> response.body().map(body -> {
                    String after = response.getHeader("retry-after");
                    pick.done(
                            Outcome.ofStatus(response.statusCode(), after != null),
                            System.nanoTime() - began,
                            after == null ? null : Duration.ofSeconds(Long.parseLong(after)));
                    return new Ended(response.statusCode(), pick.instance().name(), cookie);
                }))
                .otherwise(e -> {
                    pick.done(Outcome.FAILURE, 0, null);
                    return new Ended(502, pick.instance().name(), cookie);
                });
    }

    /** So many calls, {@code together} at a time; how many ended with which status, and at which instance. */
    Map<String, Integer> calls(Pool pool, int n, int together, Selection how) {
        Map<String, Integer> counts = new ConcurrentHashMap<>();
        List<Future<Void>> lines = new ArrayList<>();
        AtomicInteger left = new AtomicInteger(n);
        for (int i = 0; i < together; i++) {
            lines.add(line(pool, left, how, counts));
        }
        Await.result(Future.join(lines), Duration.ofSeconds(60));
        return counts;
    }

    private Future<Void> line(Pool pool, AtomicInteger left, Selection how, Map<String, Integer> counts) {
        if (left.getAndDecrement() <= 0) {
            return Future.succeededFuture();
        }
        return call(pool, how).compose(ended -> {
            counts.merge(ended.instance(), 1, Integer::sum);
            counts.merge("" + ended.status(), 1, Integer::sum);
            return line(pool, left, how, counts);
        });
    }

    @Override
    public void close() {
        Await.result(pools.close());
        Await.result(vertx.close());
    }
}
