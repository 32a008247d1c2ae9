package dev.penstock.standalone;

import dev.penstock.common.config.PenstockConfig;
import dev.penstock.common.contract.MonitorContract.Check;
import dev.penstock.common.contract.MonitorContract.Status;
import dev.penstock.common.health.Health;
import dev.penstock.common.store.Migrations;
import dev.penstock.common.store.Postgres;
import dev.penstock.common.store.Redis;
import dev.penstock.common.store.VertxPostgres;
import dev.penstock.common.store.VertxRedis;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** Redis and Postgres of this process. */
record Stores(Redis redis, Postgres postgres) {
    private static final Duration MIGRATION_LIMIT = Duration.ofSeconds(90);
    private static final Duration AVAILABLE_LIMIT = Duration.ofSeconds(10);

    /**
     * Of a standalone installation: its servers were just started, so the schema is brought up to date first, and what
     * fails is told to the person who started it. Blocks.
     */
    static Stores own(Vertx vertx, PenstockConfig config) {
        Redis redis = VertxRedis.open(vertx, config.redis());
        Blocking.await(migrate(vertx, config), MIGRATION_LIMIT, "Bringing the database schema up to date");
        Postgres postgres = VertxPostgres.open(vertx, config.postgres(), Future::succeededFuture);
        Blocking.await(up(postgres::available, postgres::onAvailability), AVAILABLE_LIMIT, "Connecting to Postgres");
        Blocking.await(up(redis::available, redis::onAvailability), AVAILABLE_LIMIT, "Connecting to Redis");
        return new Stores(redis, postgres);
    }

    /** Of a cluster: they may be away now and come later; whoever reaches Postgres first migrates. */
    static Stores shared(Vertx vertx, PenstockConfig config) {
        return new Stores(
                VertxRedis.open(vertx, config.redis()),
                VertxPostgres.open(vertx, config.postgres(), () -> migrate(vertx, config)));
    }

    void register(Health health) {
        health.register(() -> redis.available()
                ? new Check("redis", Status.HEALTHY, null)
                : new Check("redis", Status.DEGRADED, "away: the shared cache tier and exact limits are not there"));
        health.register(() -> postgres.available()
                ? new Check("postgres", Status.HEALTHY, null)
                : new Check("postgres", Status.DEGRADED, "away: known keys keep working, changes wait"));
    }

    private static Future<Void> migrate(Vertx vertx, PenstockConfig config) {
        return Migrations.run(
                vertx,
                config.postgres().ownerUrl().reveal(),
                config.postgres().url().reveal());
    }

    private static Future<Void> up(BooleanSupplier available, Consumer<Consumer<Boolean>> listen) {
        Promise<Void> promise = Promise.promise();
        listen.accept(up -> promise.tryComplete());
        if (available.getAsBoolean()) {
            promise.tryComplete();
        }
        return promise.future();
    }
}
