package dev.penstock.benchmarks.jmh;

import dev.penstock.common.cluster.StandaloneMembership;
import dev.penstock.common.config.LimitClassConfig;
import dev.penstock.common.config.LimitScope;
import dev.penstock.common.store.Redis;
import dev.penstock.common.telemetry.MicrometerTelemetry;
import dev.penstock.common.time.Ticker;
import dev.penstock.gateway.limit.Allowance;
import dev.penstock.gateway.limit.Caller;
import dev.penstock.gateway.limit.Limiter;
import dev.penstock.gateway.policy.OperationClass;
import dev.penstock.gateway.policy.WindowSet.Decision;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.ResponseType;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** A decision under a lease, finding the caller's counters included. The lease is renewed, so a part of that is in it. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Benchmark)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
public class LeasedLimit {
    private static final long GRANTED = 1_000_000_000;

    private final Limiter limiter = new Limiter(
            new Generous(),
            new StandaloneMembership(),
            Ticker.system(),
            new MicrometerTelemetry(),
            List.of(new LimitClassConfig("ai", LimitScope.KEY, 100_000, 0, 0, 0, 0, 0, 0, 0, 0)),
            true);
    private final Caller caller = new Caller("key:bench", null, null, "127.0.0.1", null);

    @Benchmark
    public @Nullable Decision leased() {
        Allowance allowance = limiter.allowance(caller, "chat", OperationClass.AI);
        if (allowance == null) {
            return null;
        }
        Decision known = allowance.now();
        return known == null ? allowance.ask().result() : known;
    }

    /** Grants at once whatever is asked, and more. */
    private static final class Generous implements Redis {
        private static final Response REPLY = new Numbers(GRANTED, 1, 1, GRANTED, 0, 0, 0, 0);

        @Override
        public boolean available() {
            return true;
        }

        @Override
        public Future<@Nullable Response> send(Command command, Object... args) {
            return Future.succeededFuture();
        }

        @Override
        public Future<List<@Nullable Response>> batch(List<Call> calls) {
            return Future.succeededFuture(List.of());
        }

        @Override
        public Future<@Nullable Response> script(Script script, List<String> keys, List<?> args) {
            return Future.succeededFuture(REPLY);
        }

        @Override
        public void onAvailability(Consumer<Boolean> listener) {}

        @Override
        public Future<Void> close() {
            return Future.succeededFuture();
        }
    }

    /** An array of integers. */
    private static final class Numbers implements Response {
        private final long[] values;

        Numbers(long... values) {
            this.values = values;
        }

        @Override
        public ResponseType type() {
            return ResponseType.MULTI;
        }

        @Override
        public int size() {
            return values.length;
        }

        @Override
        public Response get(int index) {
            return new Numbers(values[index]);
        }

        @Override
        public Long toLong() {
            return values[0];
        }
    }
}
