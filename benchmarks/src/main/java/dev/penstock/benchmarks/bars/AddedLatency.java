package dev.penstock.benchmarks.bars;

import dev.penstock.benchmarks.bars.Bar.Plan;
import dev.penstock.benchmarks.lab.Lab;
import dev.penstock.benchmarks.lab.Server;
import dev.penstock.benchmarks.load.Shot;
import dev.penstock.benchmarks.load.Volley;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What callers wait longer than if they called the backend themselves. */
final class AddedLatency {
    private static final int RATE = 1_000;
    private static final int CONNECTIONS = 64;
    private static final String NEW_TEXT =
            "{\"model\":\"sandbox-embed\",\"input\":\"The gate number " + Shot.NUMBER + " is open.\"}";

    private AddedLatency() {}

    static List<Finding> measure(Lab lab, Plan plan) throws IOException {
        List<Finding> findings = new ArrayList<>();
        Rounds chat = Rounds.open(both(lab, lab.shot("/v1/chat/completions", Uncached.CHAT)), RATE, CONNECTIONS, plan);
        findings.add(added(chat, "added by an uncacheable call at 1,000/s, p50", "≤ 0.25 ms", 50, 0.25));
        findings.add(added(chat, "added by an uncacheable call at 1,000/s, p99", "≤ 1 ms", 99, 1));
        Rounds miss = Rounds.open(both(lab, lab.shot("/v1/embeddings", NEW_TEXT)), RATE, CONNECTIONS, plan);
        findings.add(added(miss, "added by a cacheable miss at 1,000/s, p50", "≤ 0.6 ms", 50, 0.6));
        Map<String, String> uncached = new HashMap<>(lab.credentials());
        uncached.put("X-Penstock-Cache", "off");
        Shot lone = Shot.post(lab.penstock().port(), "/v1/embeddings", uncached, NEW_TEXT);
        Rounds idle = Rounds.closed(both(lab, lone), 1, plan);
        findings.add(added(idle, "added to an unbatched item on an idle lane, p50", "≤ 0.2 ms", 50, 0.2));
        return findings;
    }

    private static Map<String, Server> both(Lab lab, Shot shot) {
        Map<String, Server> servers = new LinkedHashMap<>();
        servers.put("penstock", lab.own(shot));
        servers.put("direct", lab.direct(shot));
        return servers;
    }

    private static Finding added(Rounds rounds, String name, String bar, double percent, double most) {
        Spread added = rounds.added("penstock", "direct", percent);
        Spread through = rounds.of("penstock", v -> v.micros(percent) / 1_000);
        Spread direct = rounds.of("direct", v -> v.micros(percent) / 1_000);
        long errors = rounds.errors("penstock");
        JsonObject figures = new JsonObject()
                .put("added_ms", added.json())
                .put("penstock_ms", through.json())
                .put("direct_ms", direct.json())
                .put("penstock_per_second", rounds.of("penstock", Volley::rate).json())
                .put("errors", errors);
        String text = "%s ms (%.2f against %.2f ms); %d errors"
                .formatted(added.text(2), through.median(), direct.median(), errors);
        return Finding.judged(name, bar, added.median() <= most && errors == 0, text, figures);
    }
}
