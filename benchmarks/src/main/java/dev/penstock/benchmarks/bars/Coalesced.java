package dev.penstock.benchmarks.bars;

import dev.penstock.benchmarks.lab.Lab;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Equal calls that come together. */
final class Coalesced {
    private static final int CALLS = 10;
    private static final String BAR = "1 upstream call";

    private Coalesced() {}

    static List<Finding> measure(Lab lab) throws IOException {
        String mark = Long.toString(System.nanoTime());
        List<Finding> findings = new ArrayList<>();
        findings.add(together(
                lab,
                "embeddings",
                "/v1/embeddings",
                "{\"model\":\"embed-merged\",\"input\":\"the same, " + mark + "\"}"));
        findings.add(together(
                lab,
                "deterministic chats",
                "/v1/chat/completions",
                "{\"model\":\"chat-costed\",\"temperature\":0,\"messages\":[{\"role\":\"user\",\"content\":\"" + mark
                        + "\"}]}"));
        return findings;
    }

    private static Finding together(Lab lab, String what, String path, String body) throws IOException {
        lab.costed().reset();
        List<Integer> statuses = lab.api().together(CALLS, lab.penstock().port(), path, lab.credentials(), body);
        JsonObject stats = lab.costed().stats();
        long calls = stats.getLong("calls");
        long items = stats.getLong("items");
        boolean good = statuses.stream().allMatch(status -> status == 200);
        return Finding.judged(
                CALLS + " simultaneous identical " + what,
                BAR,
                good && calls == 1 && items == 1,
                calls + " upstream calls of " + items + " items; statuses " + statuses,
                new JsonObject().put("calls", calls).put("items", items));
    }
}
