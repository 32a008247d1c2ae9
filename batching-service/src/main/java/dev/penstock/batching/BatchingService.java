package dev.penstock.batching;

import dev.penstock.common.bus.Bus;
import dev.penstock.common.config.ModelConfig;
import dev.penstock.common.config.PenstockConfig;
import dev.penstock.common.contract.BatchContract;
import dev.penstock.common.contract.MonitorContract.Check;
import dev.penstock.common.contract.MonitorContract.Status;
import dev.penstock.common.service.Role;
import dev.penstock.common.service.Service;
import dev.penstock.common.service.ServiceContext;
import dev.penstock.common.telemetry.Telemetry;
import dev.penstock.common.upstream.UpstreamClient;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Merges the items of many callers into full calls, and grants slots on instances for the rest.
 *
 * <p>All of it runs on one event loop, so that nothing needs a lock; its work per item is small beside what the backend
 * does. Needs neither Redis nor Postgres.
 */
public final class BatchingService implements Service {
    private static final long SWEEP_MILLIS = 50;

    private @Nullable Loop loop;
    private @Nullable ServiceContext context;
    private @Nullable String deployment;

    @Override
    public Role role() {
        return Role.BATCHING;
    }

    @Override
    public Future<Void> start(ServiceContext given) {
        Map<String, PoolMetrics> metrics = new ConcurrentHashMap<>();
        measure(metrics, given.telemetry(), given.config().models());
        Loop started = new Loop(given, metrics);
        loop = started;
        context = given;
        given.health().register(() -> check(metrics));
        return given.vertx().deployVerticle(started).map(id -> {
            deployment = id;
            given.live().register((before, next) -> () -> {
                measure(metrics, given.telemetry(), next.models());
                started.follow(next);
            });
            given.membership().announce(Role.BATCHING);
            return null;
        });
    }

    @Override
    public Future<Void> drain() {
        return loop == null || deployment == null ? Future.succeededFuture() : loop.drain();
    }

    @Override
    public Future<Void> stop() {
        return context == null || deployment == null
                ? Future.succeededFuture()
                : context.vertx().undeploy(deployment);
    }

    /** Adds first and takes away last: the loop may read meanwhile. */
    private static void measure(Map<String, PoolMetrics> metrics, Telemetry telemetry, List<ModelConfig> models) {
        for (ModelConfig model : models) {
            metrics.computeIfAbsent(model.name(), name -> new PoolMetrics(telemetry, model))
                    .follow(telemetry, model);
        }
        Set<String> names = models.stream().map(ModelConfig::name).collect(Collectors.toSet());
        metrics.keySet().retainAll(names);
    }

    private static Check check(Map<String, PoolMetrics> metrics) {
        List<String> away = metrics.entrySet().stream()
                .filter(model -> model.getValue().away())
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
        return away.isEmpty()
                ? new Check("models", Status.HEALTHY, null)
                : new Check("models", Status.DEGRADED, "no instance available: " + String.join(", ", away));
    }

    /** The event loop and everything on it. */
    private static final class Loop extends VerticleBase {
        private final ServiceContext given;
        private final Map<String, PoolMetrics> metrics;
        private final Promise<Void> drained = Promise.promise();
        private @Nullable Pools pools;
        private @Nullable UpstreamClient client;
        private boolean draining;

        Loop(ServiceContext given, Map<String, PoolMetrics> metrics) {
            this.given = given;
            this.metrics = metrics;
        }

        @Override
        public Future<?> start() {
            var batching = given.config().batching();
            UpstreamClient upstream = new UpstreamClient(vertx, batching.connectTimeout());
            PoolRuntime runtime = new PoolRuntime(vertx, context, given.ticker(), upstream, batching);
            Pools owned = new Pools(runtime, given.membership(), given.config().models(), metrics);
            client = upstream;
            pools = owned;
            given.membership().onLeave(gone -> context.runOnContext(v -> owned.gatewaysLeft(Set.copyOf(gone))));
            vertx.setPeriodic(SWEEP_MILLIS, id -> sweep(owned));
            vertx.setPeriodic(Math.max(10, batching.leaseRenewal().toMillis() / 2), id -> owned.lapse());
            return serve(given.bus(), owned);
        }

        @Override
        public Future<?> stop() {
            if (pools != null) {
                pools.close();
            }
            drained.tryComplete();
            return client == null ? Future.succeededFuture() : client.close();
        }

        /** May be called on any thread. */
        void follow(PenstockConfig next) {
            context.runOnContext(v -> {
                if (pools != null) {
                    pools.follow(next);
                }
                if (client != null) {
                    client.forgetAllBut(next.models());
                }
            });
        }

        Future<Void> drain() {
            context.runOnContext(v -> {
                draining = true;
                if (pools != null) {
                    pools.drain();
                    sweep(pools);
                }
            });
            return drained.future();
        }

        private void sweep(Pools owned) {
            owned.sweep();
            if (draining && owned.idle()) {
                drained.tryComplete();
            }
        }

        private static Future<?> serve(Bus bus, Pools pools) {
            return Future.all(List.of(
                    bus.serve(BatchContract.SUBMIT, pools::submit),
                    bus.serve(BatchContract.LEASE, pools::lease),
                    bus.serve(BatchContract.RENEW, pools::renew),
                    bus.serve(BatchContract.RELEASE, pools::release),
                    bus.serve(BatchContract.CANCEL, pools::cancel),
                    bus.serve(BatchContract.INSPECT, pools::inspect)));
        }
    }
}
