package dev.penstock.testkit;

import dev.penstock.common.bus.Bus;
import dev.penstock.common.bus.CallContext;
import dev.penstock.common.cluster.StandaloneMembership;
import dev.penstock.common.config.ConfigLoader;
import dev.penstock.common.config.ConfigResult;
import dev.penstock.common.config.LiveConfig;
import dev.penstock.common.config.PenstockConfig;
import dev.penstock.common.config.PostgresConfig;
import dev.penstock.common.config.RedisConfig;
import dev.penstock.common.health.Health;
import dev.penstock.common.service.Service;
import dev.penstock.common.service.ServiceContext;
import dev.penstock.common.store.AbsentPostgres;
import dev.penstock.common.store.AbsentRedis;
import dev.penstock.common.store.Migrations;
import dev.penstock.common.store.Postgres;
import dev.penstock.common.store.Redis;
import dev.penstock.common.store.VertxPostgres;
import dev.penstock.common.store.VertxRedis;
import dev.penstock.common.telemetry.MicrometerTelemetry;
import dev.penstock.common.time.Ticker;
import dev.penstock.common.unit.Secret;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A process with just the services that a test starts, on a real local event bus, with real stores, stores behind a
 * {@link FaultProxy}, or none. Everything is stopped in order by {@link #close}.
 */
public final class ServiceHarness implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 20;

    private final Vertx vertx = Vertx.vertx();
    private final StandaloneMembership membership = new StandaloneMembership();
    private final MicrometerTelemetry telemetry = new MicrometerTelemetry();
    private final List<Service> started = new ArrayList<>();
    private final ServiceContext context;

    private ServiceHarness(String yaml, Path dataFolder, String redisUrl, String ownerUrl, String postgresUrl) {
        PenstockConfig config = config(yaml);
        Bus bus = new Bus(vertx, membership, Ticker.system());
        Redis redis = redisUrl.isEmpty()
                ? new AbsentRedis()
                : VertxRedis.open(vertx, new RedisConfig(new Secret(redisUrl), Duration.ofMillis(500), 4096));
        Postgres postgres = postgresUrl.isEmpty() ? new AbsentPostgres() : open(ownerUrl, postgresUrl);
        this.context = new ServiceContext(
                vertx,
                bus,
                membership,
                LiveConfig.fixed(config),
                redis,
                postgres,
                telemetry,
                new Health(),
                Ticker.system(),
                dataFolder);
    }

    /** Without any store. */
    public static ServiceHarness bare(String yaml, Path dataFolder) {
        return new ServiceHarness(yaml, dataFolder, "", "", "");
    }

    /** With the stores at these URLs, either of which may be empty; Postgres is migrated as soon as it answers. */
    public static ServiceHarness with(String yaml, Path dataFolder, String redisUrl, String postgresUrl) {
        return new ServiceHarness(yaml, dataFolder, redisUrl, postgresUrl, postgresUrl);
    }

    /** As in production: one role owns the schema and migrates it, another with fewer rights is what the services use. */
    public static ServiceHarness withRoles(
            String yaml, Path dataFolder, String redisUrl, String ownerUrl, String applicationUrl) {
        return new ServiceHarness(yaml, dataFolder, redisUrl, ownerUrl, applicationUrl);
    }

    public ServiceContext context() {
        return context;
    }

    public Bus bus() {
        return context.bus();
    }

    public MicrometerTelemetry telemetry() {
        return telemetry;
    }

    /** Starts a service and waits until it can be called. */
    public ServiceHarness start(Service service) {
        get(service.start(context));
        started.add(service);
        return this;
    }

    /** A call context with a budget of 10 s. */
    public CallContext call() {
        return CallContext.internal("test", Ticker.system().nanos(), Duration.ofSeconds(10));
    }

    /** Waits for a result; a failure is thrown as it is. */
    public static <T> T get(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (java.util.concurrent.ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new AssertionError(e.getCause());
        } catch (InterruptedException | java.util.concurrent.TimeoutException e) {
            throw new AssertionError("no result within " + PATIENCE_SECONDS + " s", e);
        }
    }

    @Override
    public void close() {
        started.reversed().forEach(service -> {
            get(service.drain());
            get(service.stop());
        });
        get(context.redis().close());
        get(context.postgres().close());
        get(vertx.close());
        telemetry.close();
    }

    private Postgres open(String owner, String url) {
        PostgresConfig config = new PostgresConfig(new Secret(url), new Secret(owner), 4, 256, Duration.ofSeconds(3));
        return VertxPostgres.open(vertx, config, () -> Migrations.run(vertx, owner, url));
    }

    private static PenstockConfig config(String yaml) {
        return switch (ConfigLoader.parse(yaml, Map.of())) {
            case ConfigResult.Loaded loaded -> loaded.config();
            case ConfigResult.Rejected rejected ->
                throw new AssertionError("wrong configuration: " + rejected.errors());
        };
    }
}
