package dev.penstock.benchmarks.bars;

import dev.penstock.benchmarks.bars.Bar.Plan;
import dev.penstock.benchmarks.lab.Lab;
import dev.penstock.benchmarks.lab.Server;
import dev.penstock.benchmarks.load.ClosedLoop;
import dev.penstock.benchmarks.load.Shot;
import dev.penstock.benchmarks.load.Volley;
import dev.penstock.benchmarks.load.Wrk;
import io.vertx.core.json.JsonObject;
import java.io.File;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What answers from the near cache cost, against a bare Vert.x server that returns the same bytes. */
final class NearHit {
    private static final int CONNECTIONS = 64;
    private static final double WANTED = 0.7;
    private static final String BAR = "≥ 0.7 × a bare Vert.x server, requests/s on one core";
    private static final String TEXT = "The gate is open and the water runs through the penstock to the turbine.";
    static final String EMBEDDING = "{\"model\":\"sandbox-embed\",\"input\":\"" + TEXT + "\"}";
    static final String BASE64 =
            "{\"model\":\"sandbox-embed\",\"input\":\"" + TEXT + "\",\"encoding_format\":\"base64\"}";
    static final String CHAT =
            "{\"model\":\"sandbox-chat\",\"temperature\":0,\"messages\":[{\"role\":\"user\",\"content\":\"" + TEXT
                    + "\"}]}";

    private NearHit() {}

    static List<Finding> measure(Lab lab, Plan plan) throws IOException {
        List<Finding> findings = new ArrayList<>();
        Shot embedding = lab.shot("/v1/embeddings", EMBEDDING);
        Server bare = warm(lab, embedding);
        findings.add(generators(bare.shot(), plan));
        findings.add(compare(lab, plan, "near-cache hit, embedding of one text", embedding, bare));
        Shot base64 = lab.shot("/v1/embeddings", BASE64);
        findings.add(compare(lab, plan, "near-cache hit, the same as base64", base64, warm(lab, base64)));
        Shot chat = lab.shot("/v1/chat/completions", CHAT);
        findings.add(compare(lab, plan, "near-cache hit, deterministic chat", chat, warm(lab, chat)));
        return findings;
    }

    /** Puts the answer into the near cache and starts the bare server with it. */
    private static Server warm(Lab lab, Shot shot) throws IOException {
        for (int i = 0; i < 3; i++) {
            lab.api().json("POST", shot.port(), shot.path(), shot.headers(), shot.body());
        }
        requireHit(lab, shot);
        return lab.bare(shot);
    }

    private static void requireHit(Lab lab, Shot shot) throws IOException {
        HttpResponse<byte[]> answer = lab.api().call("POST", shot.port(), shot.path(), shot.headers(), shot.body());
        String from = answer.headers().firstValue("cache-status").orElse("nowhere");
        if (!from.contains("penstock-l1; hit")) {
            throw new IOException("the answer does not come from the near cache, but: " + from);
        }
    }

    private static Finding compare(Lab lab, Plan plan, String name, Shot shot, Server bare) throws IOException {
        lab.instant().reset();
        Map<String, Server> servers = new LinkedHashMap<>();
        servers.put("penstock", lab.own(shot));
        servers.put("bare", bare);
        Rounds rounds = Rounds.closed(servers, CONNECTIONS, plan);
        requireHit(lab, shot);
        long calls = lab.instant().stats().getLong("calls");
        Spread ratio = rounds.ratio("penstock", "bare");
        Spread cpu = rounds.cpuRatio("penstock", "bare");
        Spread rate = rounds.of("penstock", Volley::rate);
        Spread bareRate = rounds.of("bare", Volley::rate);
        JsonObject figures = new JsonObject()
                .put("ratio", ratio.json())
                .put("cpu_ratio", cpu.json())
                .put("least_cpu_ratio", rounds.leastCpuRatio("penstock", "bare"))
                .put("penstock_cpu_us", rounds.cpuMicros("penstock").json())
                .put("bare_cpu_us", rounds.cpuMicros("bare").json())
                .put("penstock_per_second", rate.json())
                .put("bare_per_second", bareRate.json())
                .put("penstock_p50_us", rounds.of("penstock", v -> v.micros(50)).json())
                .put("penstock_p99_us", rounds.of("penstock", v -> v.micros(99)).json())
                .put("bare_p99_us", rounds.of("bare", v -> v.micros(99)).json())
                .put("errors", rounds.errors("penstock"))
                .put("backend_calls", calls);
        String text = String.format(
                Locale.ROOT,
                "%s × bare (by processor time %s, cheapest rounds %.2f: %.1f against %.1f µs); %.0f against %.0f requests/s; p99 %.1f ms; %d errors",
                ratio.text(2),
                cpu.text(2),
                rounds.leastCpuRatio("penstock", "bare"),
                rounds.cpuMicros("penstock").least(),
                rounds.cpuMicros("bare").least(),
                rate.median(),
                bareRate.median(),
                rounds.of("penstock", v -> v.micros(99)).median() / 1000,
                rounds.errors("penstock"));
        return Finding.judged(name, BAR, ratio.median() >= WANTED && rounds.errors("penstock") == 0, text, figures);
    }

    /** Our generator must be able to ask for more than the servers can give, as wrk can. */
    private static Finding generators(Shot bare, Plan plan) throws IOException {
        String name = "load generator against wrk, on the bare server";
        boolean wrk = java.util.Arrays.stream(
                        System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, "wrk")));
        if (!wrk) {
            return Finding.skipped(name, "", "wrk is not installed");
        }
        int seconds = (int) Math.max(1, plan.round().toSeconds());
        ClosedLoop.run(bare, CONNECTIONS, plan.warm(), 0);
        List<Double> ours = new ArrayList<>();
        List<Double> theirs = new ArrayList<>();
        for (int round = 0; round < Math.min(5, plan.rounds()); round++) {
            theirs.add(Wrk.run(bare, CONNECTIONS, seconds, plan.folder()));
            ours.add(ClosedLoop.run(bare, CONNECTIONS, Duration.ofSeconds(seconds), 0)
                    .rate());
        }
        Spread a = Spread.of(ours);
        Spread b = Spread.of(theirs);
        String text = "%s requests/s by ours, %s by wrk".formatted(a.text(0), b.text(0));
        return Finding.noted(name, text, new JsonObject().put("ours", a.json()).put("wrk", b.json()));
    }
}
