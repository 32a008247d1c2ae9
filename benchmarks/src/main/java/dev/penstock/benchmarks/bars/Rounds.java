package dev.penstock.benchmarks.bars;

import dev.penstock.benchmarks.bars.Bar.Plan;
import dev.penstock.benchmarks.lab.Server;
import dev.penstock.benchmarks.load.ClosedLoop;
import dev.penstock.benchmarks.load.OpenLoop;
import dev.penstock.benchmarks.load.Shot;
import dev.penstock.benchmarks.load.Volley;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ToDoubleFunction;

/**
 * The same load on several servers in turn, round by round, so that what disturbs the machine disturbs all of them. The
 * order turns around from round to round.
 */
final class Rounds {
    /** No two requests of a process carry the same number, and none of an earlier process on the same data. */
    private static final AtomicLong NUMBERS = new AtomicLong(System.currentTimeMillis() % 10_000_000 * 100_000);

    private static final long STEP = 10_000_000;
    private static final long WARM_ANSWERS = 30_000;
    private static final int MOST_WARMING = 3;

    private final Map<String, List<Round>> rounds = new LinkedHashMap<>();

    private Rounds() {}

    /** How one load is put on. */
    private interface Load {
        Volley run(Shot shot, Duration time) throws IOException;
    }

    static Rounds closed(Map<String, Server> servers, int connections, Plan plan) throws IOException {
        return run(servers, plan, (shot, time) -> ClosedLoop.run(shot, connections, time, NUMBERS.getAndAdd(STEP)));
    }

    static Rounds open(Map<String, Server> servers, int rate, int connections, Plan plan) throws IOException {
        return run(servers, plan, (shot, time) -> OpenLoop.run(shot, rate, connections, time, NUMBERS.getAndAdd(STEP)));
    }

    private static Rounds run(Map<String, Server> servers, Plan plan, Load load) throws IOException {
        Rounds all = new Rounds();
        for (Server server : servers.values()) {
            warm(server, plan, load);
        }
        List<String> names = new ArrayList<>(servers.keySet());
        for (int round = 0; round < plan.rounds(); round++) {
            for (String name : round % 2 == 0 ? names : names.reversed()) {
                Server server = Objects.requireNonNull(servers.get(name));
                double before = server.cpuSeconds();
                Volley volley = load.run(server.shot(), plan.round());
                all.rounds
                        .computeIfAbsent(name, n -> new ArrayList<>())
                        .add(new Round(volley, server.cpuSeconds() - before));
            }
        }
        return all;
    }

    /** On a busy machine time alone does not warm a JVM up: its compiler counts calls. */
    private static void warm(Server server, Plan plan, Load load) throws IOException {
        long answers = 0;
        for (int i = 0; i < MOST_WARMING && answers < WARM_ANSWERS; i++) {
            answers += load.run(server.shot(), plan.warm()).answers();
        }
    }

    /** A figure of each round. */
    Spread of(String server, ToDoubleFunction<Volley> figure) {
        return Spread.of(all(server).stream()
                .mapToDouble(round -> figure.applyAsDouble(round.volley()))
                .toArray());
    }

    /** Processor time of the server's processes per answer, in microseconds. */
    Spread cpuMicros(String server) {
        return Spread.of(all(server).stream().mapToDouble(Round::cpuMicros).toArray());
    }

    /** Requests per second of one over another's, round by round. */
    Spread ratio(String server, String other) {
        return pairs(server, other, (a, b) -> a.volley().rate() / b.volley().rate());
    }

    /** The same by processor time: how many answers one gives for what the other needs for one. */
    Spread cpuRatio(String server, String other) {
        return pairs(server, other, (a, b) -> b.cpuMicros() / a.cpuMicros());
    }

    /** The same from the cheapest round of each: what disturbs a round can only add to it. */
    double leastCpuRatio(String server, String other) {
        return cpuMicros(other).least() / cpuMicros(server).least();
    }

    /** What one takes more than another at a percentile, in milliseconds, round by round. */
    Spread added(String server, String other, double percent) {
        return pairs(
                server,
                other,
                (a, b) -> (a.volley().micros(percent) - b.volley().micros(percent)) / 1_000);
    }

    long errors(String server) {
        return all(server).stream().mapToLong(round -> round.volley().errors()).sum();
    }

    private record Round(Volley volley, double cpuSeconds) {
        double cpuMicros() {
            return cpuSeconds * 1e6 / Math.max(1, volley.answers());
        }
    }

    private interface Pair {
        double figure(Round one, Round other);
    }

    private Spread pairs(String server, String other, Pair pair) {
        List<Round> ones = all(server);
        List<Round> others = all(other);
        List<Double> figures = new ArrayList<>();
        for (int i = 0; i < ones.size(); i++) {
            figures.add(pair.figure(ones.get(i), others.get(i)));
        }
        return Spread.of(figures);
    }

    private List<Round> all(String server) {
        return rounds.getOrDefault(server, List.of());
    }
}
