package dev.penstock.benchmarks.bars;

import dev.penstock.benchmarks.bars.Bar.Plan;
import dev.penstock.benchmarks.lab.Lab;
import dev.penstock.benchmarks.lab.Nginx;
import dev.penstock.benchmarks.lab.Server;
import dev.penstock.benchmarks.load.Shot;
import dev.penstock.benchmarks.load.Volley;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Chats that nobody may answer from a cache, on a backend without think time: what passing them on costs. */
final class Uncached {
    private static final int CONNECTIONS = 64;
    private static final double WANTED = 0.4;
    private static final String NAME = "uncached chat, backend without think time";
    private static final String BAR = "≥ 0.4 × nginx as plain reverse proxy, requests/s on one core";
    static final String CHAT =
            "{\"model\":\"sandbox-chat\",\"messages\":[{\"role\":\"user\",\"content\":\"Is the gate open?\"}]}";

    private Uncached() {}

    static List<Finding> measure(Lab lab, Plan plan) throws IOException {
        Shot shot = lab.shot("/v1/chat/completions", CHAT);
        Map<String, Server> servers = new LinkedHashMap<>();
        servers.put("penstock", lab.own(shot));
        servers.put("direct", lab.direct(shot));
        servers.put("vertx-proxy", lab.bareProxy(shot));
        boolean nginx = Nginx.installed();
        if (nginx) {
            servers.put("nginx", lab.nginx(shot));
        }
        Rounds rounds = Rounds.closed(servers, CONNECTIONS, plan);
        long errors = rounds.errors("penstock");
        JsonObject figures = new JsonObject().put("errors", errors);
        servers.keySet()
                .forEach(name -> figures.put(
                                name + "_per_second",
                                rounds.of(name, Volley::rate).json())
                        .put(name + "_cpu_us", rounds.cpuMicros(name).json()));
        List<Finding> findings = new ArrayList<>();
        if (nginx) {
            Spread ratio = rounds.ratio("penstock", "nginx");
            Spread cpu = rounds.cpuRatio("penstock", "nginx");
            figures.put("of_nginx", ratio.json())
                    .put("of_nginx_by_cpu", cpu.json())
                    .put("of_nginx_by_least_cpu", rounds.leastCpuRatio("penstock", "nginx"));
            findings.add(Finding.judged(
                    NAME,
                    BAR,
                    ratio.median() >= WANTED && errors == 0,
                    ratio.text(2) + " × nginx, by processor time " + cpu.text(2),
                    figures));
        } else {
            findings.add(Finding.skipped(NAME, BAR, "NGINX IS NOT INSTALLED: this bar was not measured"));
        }
        Spread platform = rounds.ratio("penstock", "vertx-proxy");
        figures.put("of_vertx_proxy", platform.json());
        StringBuilder rates = new StringBuilder(platform.text(2) + " × a bare Vert.x proxy; requests/s:");
        servers.keySet()
                .forEach(name -> rates.append(" %s %.0f (from %.0f µs of processor),"
                        .formatted(
                                name,
                                rounds.of(name, Volley::rate).median(),
                                rounds.cpuMicros(name).least())));
        findings.add(Finding.noted(NAME + ", against others", rates + " errors " + errors, figures));
        return findings;
    }
}
