package dev.penstock.gateway.limit;

import dev.penstock.common.cluster.Membership;
import dev.penstock.common.config.LimitClassConfig;
import dev.penstock.common.config.LimitScope;
import dev.penstock.common.service.Role;
import dev.penstock.common.store.Redis;
import dev.penstock.common.store.Scripts;
import dev.penstock.common.telemetry.MicrometerTelemetry;
import dev.penstock.gateway.policy.Gcra;
import dev.penstock.gateway.policy.LimitCatalog;
import dev.penstock.gateway.policy.OperationClass;
import dev.penstock.gateway.policy.WindowSet.Decision;
import dev.penstock.gateway.policy.WindowSet.Limit;
import dev.penstock.testkit.Await;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Gateways that share a limit, in time that only this moves: the limiter and its script are the real ones, the script told
 * the simulated time; the way to Redis and the callers are made up from a seed. So each run gives the same numbers on any
 * machine. Confined to one thread.
 */
final class RateSimulation {
    static final long MILLI = 1_000_000;
    static final long SECOND = 1_000 * MILLI;

    private static final Caller CALLER = new Caller("key:simulated", null, null, "127.0.0.1", null);
    private static final long SWEEP = 50 * MILLI;
    private static final long EPOCH_MICROS = 1_800_000_000_000_000L;
    /** The script, with the two last arguments as the server's clock; keys do not lapse, since that needs real time. */
    private static final String CLOCK = """
            local real = redis
            local redis = { call = function(name, ...)
              if name == 'TIME' then return { ARGV[#ARGV - 1], ARGV[#ARGV] } end
              if name == 'PEXPIRE' then return 1 end
              return real.call(name, ...)
            end }
            """;

    private final Redis real;
    private final Random random;
    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private final List<Gateway> gateways = new ArrayList<>();
    /** When each call was admitted, in order. */
    private final List<Long> admitted = new ArrayList<>();
    /** What one count for all would admit of a smoothed rate, told of every call as it comes. */
    private final Gcra ideal = new Gcra();

    private final Limit limit;
    private long idealAdmitted;
    private long now;
    private long sequence;
    private long trips;
    private boolean alive = true;

    private record Event(long at, long sequence, Runnable what) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            return at == other.at ? Long.compare(sequence, other.sequence) : Long.compare(at, other.at);
        }
    }

    /** One gateway; while it pauses it does nothing, and then all at once. */
    private static final class Gateway {
        private final Limiter limiter;
        private long pausedUntil;

        Gateway(Limiter limiter) {
            this.limiter = limiter;
        }
    }

    /** @param config of class {@code ai}, with one limit */
    RateSimulation(Redis real, long seed, int gateways, LimitClassConfig config) {
        List<LimitClassConfig> limits = List.of(config);
        this.limit = new LimitCatalog(limits)
                .rules(LimitScope.KEY, "chat", OperationClass.AI, null, null)
                .getFirst()
                .requests()
                .getFirst();
        this.real = real;
        this.random = new Random(seed);
        Membership membership = new Alive(gateways);
        for (int i = 0; i < gateways; i++) {
            Gateway[] self = new Gateway[1];
            Redis line = new Line(this, () -> self[0]);
            self[0] = new Gateway(new Limiter(line, membership, () -> now, new MicrometerTelemetry(), limits, true));
            this.gateways.add(self[0]);
            sweep(self[0]);
        }
        Await.result(real.send(Command.FLUSHDB));
    }

    /** Callers come at {@code perSecond}, each by chance, to that gateway until {@code end}. */
    void offer(int gateway, double perSecond, long end) {
        long at = now + (long) (-Math.log(1 - random.nextDouble()) / perSecond * SECOND);
        if (at < end) {
            at(at, () -> {
                offer(gateway, perSecond, end);
                on(gateways.get(gateway), () -> call(gateways.get(gateway)));
            });
        }
    }

    /** Each gateway stands still now and then, at chance moments {@code every} on average, for up to {@code most}. */
    void pauses(long every, long most, long end) {
        for (Gateway gateway : gateways) {
            pause(gateway, every, most, end);
        }
    }

    private void pause(Gateway gateway, long every, long most, long end) {
        long at = now + (long) (-Math.log(1 - random.nextDouble()) * every);
        if (at < end) {
            at(at, () -> {
                gateway.pausedUntil = Math.max(gateway.pausedUntil, now + (long) (random.nextDouble() * most));
                pause(gateway, every, most, end);
            });
        }
    }

    /** Redis dies then; what is under way fails. */
    void kill(long at) {
        at(at, () -> alive = false);
    }

    void revive(long at) {
        at(at, () -> alive = true);
    }

    void run(long end) {
        Event next = events.peek();
        while (next != null && next.at() <= end) {
            events.remove();
            now = next.at();
            next.what().run();
            next = events.peek();
        }
        now = end;
    }

    /** Calls admitted from {@code from} on and before {@code to}. */
    long admitted(long from, long to) {
        return admitted.stream().filter(at -> at >= from && at < to).count();
    }

    /** How much more than {@code perSecond} times its length any span held. */
    double excess(double perSecond) {
        double lowest = Double.MAX_VALUE;
        double most = 0;
        for (int i = 0; i < admitted.size(); i++) {
            double allowed = admitted.get(i) / (double) SECOND * perSecond;
            lowest = Math.min(lowest, i - allowed);
            most = Math.max(most, i + 1 - allowed - lowest);
        }
        return most;
    }

    /** The most that any span of that length held. */
    long mostIn(long length) {
        return mostIn(length, 0);
    }

    /** The most that any span of that length held that begins at {@code from} or later. */
    long mostIn(long length, long from) {
        long most = 0;
        int first = 0;
        for (int last = 0; last < admitted.size(); last++) {
            while ((admitted.get(first) < from && first < last) || admitted.get(last) - admitted.get(first) >= length) {
                first++;
            }
            if (admitted.get(first) >= from) {
                most = Math.max(most, last - first + 1);
            }
        }
        return most;
    }

    long idealAdmitted() {
        return idealAdmitted;
    }

    long trips() {
        return trips;
    }

    private void call(Gateway gateway) {
        double gap = limit.lengthMillis() * 1_000.0 / limit.most();
        if (limit.smooth() && ideal.waitMicros(now / 1_000.0, 1, gap, limit.burst()) <= 0) {
            ideal.take(now / 1_000.0, 1, gap);
            idealAdmitted++;
        }
        Allowance allowance = gateway.limiter.allowance(CALLER, "chat", OperationClass.AI);
        Decision known = allowance.now();
        if (known != null) {
            decided(known);
        } else {
            allowance.ask().onSuccess(this::decided);
        }
    }

    private void decided(Decision decision) {
        if (decision.admitted()) {
            admitted.add(now);
        }
    }

    private void sweep(Gateway gateway) {
        at(now + SWEEP, () -> {
            on(gateway, gateway.limiter::sweep);
            sweep(gateway);
        });
    }

    private void on(Gateway gateway, Runnable what) {
        if (gateway.pausedUntil > now) {
            at(gateway.pausedUntil, () -> on(gateway, what));
        } else {
            what.run();
        }
    }

    private void at(long at, Runnable what) {
        events.add(new Event(at, sequence++, what));
    }

    /** Half of 0.2 to 5 ms, mostly little. */
    private long way() {
        double part = random.nextDouble();
        return (long) ((0.1 + 2.4 * part * part * part) * MILLI);
    }

    private static <T> void fail(Promise<T> promise) {
        promise.fail("Redis is away");
    }

    private Future<@Nullable Response> ask(Gateway from, Redis.Script script, List<String> keys, List<?> args) {
        Promise<@Nullable Response> promise = Promise.promise();
        trips++;
        at(now + way(), () -> {
            if (!alive) {
                on(from, () -> fail(promise));
                return;
            }
            List<Object> timed = new ArrayList<>(args);
            long micros = EPOCH_MICROS + now / 1_000;
            timed.add(Long.toString(micros / 1_000_000));
            timed.add(Long.toString(micros % 1_000_000));
            Response reply = Await.result(real.script(Scripts.of("timed", CLOCK + script.source()), keys, timed));
            at(
                    now + way(),
                    () -> on(from, () -> {
                        if (alive) {
                            promise.complete(reply);
                        } else {
                            fail(promise);
                        }
                    }));
        });
        return promise.future();
    }

    /** One gateway's way to Redis. */
    private record Line(RateSimulation world, Supplier<Gateway> self) implements Redis {
        @Override
        public boolean available() {
            return world.alive;
        }

        @Override
        public Future<@Nullable Response> send(Command command, Object... args) {
            throw new UnsupportedOperationException("limits are scripts");
        }

        @Override
        public Future<List<@Nullable Response>> batch(List<Call> calls) {
            throw new UnsupportedOperationException("limits are scripts");
        }

        @Override
        public Future<@Nullable Response> script(Script script, List<String> keys, List<?> args) {
            return world.ask(self.get(), script, keys, args);
        }

        @Override
        public void onAvailability(Consumer<Boolean> listener) {}

        @Override
        public Future<Void> close() {
            return Future.succeededFuture();
        }
    }

    private record Alive(int gateways) implements Membership {
        @Override
        public String self() {
            return "simulated";
        }

        @Override
        public List<String> live(Role role) {
            return Collections.nCopies(gateways, "simulated");
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
}
