package dev.penstock.benchmarks.bars;

import dev.penstock.benchmarks.bars.Bar.Plan;
import dev.penstock.common.cluster.Membership;
import dev.penstock.common.config.LimitClassConfig;
import dev.penstock.common.config.LimitScope;
import dev.penstock.common.config.RedisConfig;
import dev.penstock.common.service.Role;
import dev.penstock.common.store.Redis;
import dev.penstock.common.store.VertxRedis;
import dev.penstock.common.telemetry.MicrometerTelemetry;
import dev.penstock.common.time.Ticker;
import dev.penstock.common.unit.Secret;
import dev.penstock.embedded.EmbeddedOptions;
import dev.penstock.embedded.EmbeddedServers;
import dev.penstock.gateway.limit.Allowance;
import dev.penstock.gateway.limit.Caller;
import dev.penstock.gateway.limit.Limiter;
import dev.penstock.gateway.policy.OperationClass;
import dev.penstock.gateway.policy.WindowSet.Decision;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A limit of 1,000/s that three gateways share, each with a Redis connection of its own, at less and at more than the limit. */
final class Limits {
    private static final int GATEWAYS = 3;
    private static final int LIMIT = 1_000;
    private static final int SECONDS = 30;
    private static final Caller CALLER = new Caller("key:bench", null, null, "127.0.0.1", null);
    private static final long SECOND_NANOS = 1_000_000_000L;
    private static final String TOLERANCE = "admitted between 99 % and 101 %";

    private Limits() {}

    /** One run: what was admitted in each second, and what it took. */
    private record Run(AtomicIntegerArray perSecond, LongAdder trips, LongAdder offered, LongAccumulator pause) {
        Run() {
            this(
                    new AtomicIntegerArray(SECONDS + 2),
                    new LongAdder(),
                    new LongAdder(),
                    new LongAccumulator(Math::max, 0));
        }

        long admitted(int from, int to) {
            long sum = 0;
            for (int i = from; i < to; i++) {
                sum += perSecond.get(i);
            }
            return sum;
        }
    }

    static List<Finding> measure(Plan plan) throws IOException {
        EmbeddedOptions options = EmbeddedOptions.forTests().withServers(false, true);
        List<Finding> findings = new ArrayList<>();
        EmbeddedServers servers = EmbeddedServers.start(plan.folder().resolve("limits"), options);
        try {
            findings.add(offered(run(servers, 3.0, () -> {}), "three times the load", 3.0));
            findings.add(offered(run(servers, 0.95, () -> {}), "95 % of the load", 0.95));
            findings.add(without(run(servers, 3.0, servers::close)));
        } finally {
            servers.close();
        }
        return findings;
    }

    private static Finding offered(Run run, String name, double load) {
        double possible = Math.min(1, load) * LIMIT * SECONDS;
        double ratio = run.admitted(0, SECONDS) / possible;
        double trips = run.trips().sum() / (double) Math.max(1, run.admitted(0, SECONDS));
        String text = String.format(
                Locale.ROOT,
                "%.2f %% admitted of what the limit allows in %d s (%d offered), %.3f Redis trips per admitted call, at most"
                        + " %d in a second; the load stood still for %d ms at most",
                100 * ratio,
                SECONDS,
                run.offered().sum(),
                trips,
                most(run),
                run.pause().get());
        return Finding.judged(
                "1,000/s over 3 gateways, " + name,
                TOLERANCE + ", ≤ 0.06 trips per admitted call",
                ratio >= 0.99 && ratio <= 1.01 && trips <= 0.06,
                text,
                new JsonObject().put("admitted_ratio", ratio).put("trips_per_admitted", trips));
    }

    private static Finding without(Run run) {
        int half = SECONDS / 2;
        double before = run.admitted(0, half) / (double) (LIMIT * half);
        // The second of the kill belongs to neither.
        double after = run.admitted(half + 1, SECONDS) / (double) (LIMIT * (SECONDS - half - 1));
        double whole = run.admitted(0, SECONDS) / (double) (LIMIT * SECONDS);
        String text = String.format(
                Locale.ROOT,
                "%.2f %% admitted over all, %.2f %% before, %.2f %% after; at most %d in a second, %d in that of the kill; the"
                        + " load stood still for %d ms at most",
                100 * whole,
                100 * before,
                100 * after,
                most(run),
                run.perSecond().get(half),
                run.pause().get());
        return Finding.judged(
                "1,000/s over 3 gateways, three times the load, Redis killed in the middle",
                TOLERANCE,
                whole >= 0.99 && whole <= 1.01,
                text,
                new JsonObject().put("before", before).put("after", after).put("whole", whole));
    }

    private static int most(Run run) {
        int most = 0;
        for (int i = 0; i < SECONDS; i++) {
            most = Math.max(most, run.perSecond().get(i));
        }
        return most;
    }

    private static Run run(EmbeddedServers servers, double load, Runnable inTheMiddle) throws IOException {
        Run run = new Run();
        Vertx vertx = Vertx.vertx();
        List<Redis> lines = new ArrayList<>();
        try {
            List<Runnable> starts = new ArrayList<>();
            long begin = System.nanoTime() + SECOND_NANOS;
            for (int i = 0; i < GATEWAYS; i++) {
                Redis line = VertxRedis.open(
                        vertx, new RedisConfig(new Secret(servers.redisUrl()), Duration.ofMillis(250), 4096));
                lines.add(line);
                Limiter limiter = new Limiter(
                        new Counted(line, run.trips()),
                        new Three(),
                        Ticker.system(),
                        new MicrometerTelemetry(),
                        List.of(new LimitClassConfig("ai", LimitScope.KEY, LIMIT, 0, 0, 0, 0, 0, 0, 0, 0)),
                        true);
                limiter.start(vertx);
                starts.add(() -> generate(vertx, limiter, run, begin, load * LIMIT / GATEWAYS));
            }
            await(() -> lines.stream().allMatch(Redis::available));
            lines.getFirst().send(Command.FLUSHALL).await();
            starts.forEach(start -> vertx.getOrCreateContext().runOnContext(ignored -> start.run()));
            await(() -> System.nanoTime() - begin > SECONDS / 2 * SECOND_NANOS);
            inTheMiddle.run();
            await(() -> System.nanoTime() - begin > SECONDS * SECOND_NANOS);
        } finally {
            lines.forEach(Redis::close);
            vertx.close().await();
        }
        return run;
    }

    /** Calls on schedule, whatever becomes of the earlier ones. */
    private static void generate(Vertx vertx, Limiter limiter, Run run, long begin, double perSecond) {
        long[] sent = {0};
        long[] last = {System.nanoTime()};
        vertx.setPeriodic(1, id -> {
            long now = System.nanoTime() - begin;
            // While all stand still for longer than a burst lasts, capacity is lost that no limiter brings back.
            run.pause().accumulate((now + begin - last[0]) / 1_000_000);
            last[0] = now + begin;
            if (now > SECONDS * SECOND_NANOS) {
                vertx.cancelTimer(id);
                return;
            }
            while (sent[0] < now / (double) SECOND_NANOS * perSecond) {
                sent[0]++;
                run.offered().increment();
                call(limiter, run, begin);
            }
        });
    }

    private static void call(Limiter limiter, Run run, long begin) {
        Allowance allowance = limiter.allowance(CALLER, "chat", OperationClass.AI);
        if (allowance == null) {
            throw new IllegalStateException("nothing limits the caller");
        }
        Decision known = allowance.now();
        if (known != null) {
            decided(known, run, begin);
        } else {
            allowance.ask().onSuccess(decision -> decided(decision, run, begin));
        }
    }

    private static void decided(Decision decision, Run run, long begin) {
        if (decision.admitted()) {
            run.perSecond().incrementAndGet((int) ((System.nanoTime() - begin) / SECOND_NANOS));
        }
    }

    private static void await(java.util.function.BooleanSupplier condition) throws IOException {
        long deadline = System.nanoTime() + 2 * SECONDS * SECOND_NANOS;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new IOException("waited too long");
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    /** Three gateways that are alive. */
    private static final class Three implements Membership {
        @Override
        public String self() {
            return "one";
        }

        @Override
        public List<String> live(Role role) {
            return List.of("one", "two", "three");
        }

        @Override
        public void announce(Role role) {}

        @Override
        public void withdraw() {}

        @Override
        public void onLeave(Consumer<Set<String>> listener) {}

        @Override
        public void onChange(Runnable listener) {}
    }

    /** Counts the trips. */
    private record Counted(Redis redis, LongAdder trips) implements Redis {
        @Override
        public boolean available() {
            return redis.available();
        }

        @Override
        public Future<@Nullable Response> send(Command command, Object... args) {
            trips.increment();
            return redis.send(command, args);
        }

        @Override
        public Future<List<@Nullable Response>> batch(List<Call> calls) {
            trips.increment();
            return redis.batch(calls);
        }

        @Override
        public Future<@Nullable Response> script(Script script, List<String> keys, List<?> args) {
            trips.increment();
            return redis.script(script, keys, args);
        }

        @Override
        public void onAvailability(Consumer<Boolean> listener) {
            redis.onAvailability(listener);
        }

        @Override
        public Future<Void> close() {
            return redis.close();
        }
    }
}
