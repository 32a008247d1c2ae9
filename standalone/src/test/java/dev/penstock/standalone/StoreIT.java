package dev.penstock.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.common.config.PostgresConfig;
import dev.penstock.common.config.RedisConfig;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.store.Migrations;
import dev.penstock.common.store.Postgres;
import dev.penstock.common.store.Redis;
import dev.penstock.common.store.Scripts;
import dev.penstock.common.store.VertxPostgres;
import dev.penstock.common.store.VertxRedis;
import dev.penstock.common.unit.Bytes;
import dev.penstock.common.unit.Secret;
import dev.penstock.testkit.Await;
import dev.penstock.testkit.Fault;
import dev.penstock.testkit.FaultProxy;
import dev.penstock.testkit.TestServers;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgException;
import io.vertx.redis.client.Command;
import io.vertx.sqlclient.Tuple;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The two stores against real servers that come, go and hang. */
class StoreIT {
    private static final Duration REDIS_TIMEOUT = Duration.ofMillis(250);
    private static final Duration POSTGRES_TIMEOUT = Duration.ofSeconds(1);

    private final Vertx vertx = Vertx.vertx();

    @AfterEach
    void close() {
        Await.result(vertx.close(), Duration.ofSeconds(10));
    }

    @Test
    void redisKeepsBytesRunsScriptsAndBatches() {
        Redis redis = redis(TestServers.freshRedis(), 1_000);
        byte[] bytes = {0, 1, (byte) 0xff, '\r', '\n'};
        Await.result(redis.send(Command.SET, "k", Bytes.of(bytes)));
        assertThat(Await.result(redis.send(Command.GET, "k")).toBytes()).isEqualTo(bytes);
        assertThat(Await.result(redis.send(Command.GET, "absent"))).isNull();
        var script = Scripts.of("echo", "return {KEYS[1], ARGV[1]} -- " + System.nanoTime());
        assertThat(Await.result(redis.script(script, List.of("a"), List.of(7)))
                        .get(1)
                        .toInteger())
                .isEqualTo(7);
        assertThat(Await.result(redis.script(script, List.of("a"), List.of("b")))
                        .get(0))
                .hasToString("a");
        var twice =
                Await.result(redis.batch(List.of(Redis.Call.of(Command.INCR, "n"), Redis.Call.of(Command.INCR, "n"))));
        assertThat(twice).extracting(response -> response.toInteger()).containsExactly(1, 2);
    }

    @Test
    void redisRefusesMoreThanMayWait() {
        Redis redis = redis(TestServers.freshRedis(), 50);
        List<Future<?>> all = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            all.add(redis.send(Command.INCR, "n"));
        }
        Await.until("all are answered", () -> all.stream().allMatch(Future::isComplete));
        assertThat(all)
                .filteredOn(Future::failed)
                .isNotEmpty()
                .allSatisfy(refused -> assertThat(code(refused.cause())).isEqualTo(FaultCode.OVERLOADED));
        assertThat(all).filteredOn(Future::succeeded).hasSizeGreaterThanOrEqualTo(50);
    }

    @Test
    void redisThatHangsIsLeftAndFoundAgain() {
        URI server = URI.create(TestServers.freshRedis());
        FaultProxy proxy = Await.result(FaultProxy.start(vertx, server.getHost(), server.getPort()));
        Redis redis = redis("redis://127.0.0.1:" + proxy.port(), 1_000);
        List<Boolean> changes = new CopyOnWriteArrayList<>();
        redis.onAvailability(changes::add);
        Await.result(proxy.set(Fault.STALL));
        long started = System.nanoTime();
        assertThat(code(Await.failure(redis.send(Command.PING)))).isIn(FaultCode.TIMEOUT, FaultCode.UNAVAILABLE);
        assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(2));
        Await.until("it counts as away", () -> !redis.available());
        assertThat(code(Await.failure(redis.send(Command.PING)))).isEqualTo(FaultCode.UNAVAILABLE);
        Await.result(proxy.set(Fault.PASS));
        Await.until("it is back", Duration.ofSeconds(10), redis::available);
        assertThat(Await.result(redis.send(Command.PING))).hasToString("PONG");
        assertThat(changes).containsExactly(false, true);
    }

    @Test
    void redisThatIsCutOffComesBack() {
        URI server = URI.create(TestServers.freshRedis());
        FaultProxy proxy = Await.result(FaultProxy.start(vertx, server.getHost(), server.getPort()));
        Redis redis = redis("redis://127.0.0.1:" + proxy.port(), 1_000);
        Await.result(proxy.set(Fault.CUT));
        Await.until("it counts as away", () -> !redis.available());
        Await.result(proxy.set(Fault.PASS));
        Await.until("it is back", Duration.ofSeconds(10), redis::available);
    }

    @Test
    void migrationsMayRunTogetherAndAgain() {
        String url = TestServers.freshDatabase().url();
        List<Future<Void>> together = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            together.add(Migrations.run(vertx, "", url));
        }
        together.forEach(run -> Await.result(run, Duration.ofSeconds(30)));
        long started = System.nanoTime();
        Await.result(Migrations.run(vertx, url, url));
        assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(2));
    }

    @Test
    void changedMigrationIsRefusedInOneSentence() {
        String url = TestServers.freshDatabase().url();
        Await.result(Migrations.run(vertx, url, url), Duration.ofSeconds(30));
        Postgres postgres = postgres(url);
        Await.result(postgres.query(
                "UPDATE penstock.flyway_schema_history SET checksum = 1 WHERE version = '000'", Tuple.tuple()));
        assertThatThrownBy(() -> Await.result(Migrations.run(vertx, url, url), Duration.ofSeconds(30)))
                .hasStackTraceContaining("cannot be brought up to date");
    }

    @Test
    void postgresRollsBackWhatFailsAndTellsItsOwnErrors() {
        Postgres postgres = postgres(TestServers.freshDatabase().url());
        Await.result(postgres.transaction(
                connection -> connection.query("CREATE TABLE public.t (x int)").execute()));
        Await.failure(postgres.transaction(connection -> connection
                .query("INSERT INTO public.t VALUES (1)")
                .execute()
                .compose(ignored -> Future.failedFuture(new IllegalStateException("on purpose")))));
        assertThat(Await.result(postgres.query("SELECT x FROM public.t", Tuple.tuple())))
                .isEmpty();
        assertThat(Await.failure(postgres.query("SELECT nothing", Tuple.tuple())))
                .isInstanceOf(PgException.class);
        assertThat(code(Await.failure(postgres.query("SELECT pg_sleep(5)", Tuple.tuple()))))
                .isEqualTo(FaultCode.TIMEOUT);
    }

    @Test
    void postgresThatHangsIsLeftAndFoundAgain() {
        URI server = URI.create(TestServers.freshDatabase().url());
        FaultProxy proxy = Await.result(FaultProxy.start(vertx, server.getHost(), server.getPort()));
        Postgres postgres = postgres(server.toString().replace(":" + server.getPort(), ":" + proxy.port()));
        Await.result(proxy.set(Fault.STALL));
        Await.until("it counts as away", Duration.ofSeconds(10), () -> !postgres.available());
        assertThat(code(Await.failure(postgres.query("SELECT 1", Tuple.tuple()))))
                .isEqualTo(FaultCode.UNAVAILABLE);
        Await.result(proxy.set(Fault.PASS));
        Await.until("it is back", Duration.ofSeconds(10), postgres::available);
        assertThat(Await.result(postgres.query("SELECT $1::int AS x", Tuple.of(42))))
                .hasSize(1);
    }

    private Redis redis(String url, int maxWaiting) {
        Redis redis = VertxRedis.open(vertx, new RedisConfig(new Secret(url), REDIS_TIMEOUT, maxWaiting));
        Await.until("Redis is available", Duration.ofSeconds(10), redis::available);
        return redis;
    }

    private Postgres postgres(String url) {
        Postgres postgres = VertxPostgres.open(
                vertx,
                new PostgresConfig(new Secret(url), new Secret(""), 8, 512, POSTGRES_TIMEOUT),
                Future::succeededFuture);
        Await.until("Postgres is available", Duration.ofSeconds(10), postgres::available);
        return postgres;
    }

    private static FaultCode code(Throwable cause) {
        return ((dev.penstock.common.fault.Fault) cause).code();
    }
}
