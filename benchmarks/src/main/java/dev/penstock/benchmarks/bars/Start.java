package dev.penstock.benchmarks.bars;

import dev.penstock.benchmarks.bars.Bar.Plan;
import dev.penstock.benchmarks.lab.Lab;
import dev.penstock.benchmarks.lab.Memory;
import dev.penstock.benchmarks.load.ClosedLoop;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** How long a start on existing data takes, and what the process holds of the memory. */
final class Start {
    private static final int STARTS = 5;
    private static final int CONNECTIONS = 64;
    private static final double MOST_SECONDS = 3;
    private static final double MOST_MIB = 1024;

    private Start() {}

    static List<Finding> measure(Lab lab, Plan plan) throws IOException {
        List<Double> health = new ArrayList<>();
        List<Double> answers = new ArrayList<>();
        for (int i = 0; i < Math.min(STARTS, plan.rounds()); i++) {
            health.add(lab.restart(Lab.HEALTH, ""));
            answers.add(lab.restart("/v1/embeddings", NearHit.EMBEDDING));
        }
        Memory idle = lab.penstock().memory();
        ClosedLoop.run(lab.shot("/v1/embeddings", NearHit.EMBEDDING), CONNECTIONS, plan.warm(), 0);
        ClosedLoop.run(lab.shot("/v1/chat/completions", Uncached.CHAT), CONNECTIONS, plan.warm(), 0);
        Memory loaded = lab.penstock().memory();
        return List.of(start(Spread.of(health), Spread.of(answers)), memory(idle, loaded));
    }

    private static Finding start(Spread health, Spread answers) {
        return Finding.judged(
                "second start, java to first answer",
                "< 3 s",
                answers.median() < MOST_SECONDS,
                answers.text(2) + " s to an embedding under a stored key, " + health.text(2) + " s to " + Lab.HEALTH,
                new JsonObject().put("embedding_s", answers.json()).put("health_s", health.json()));
    }

    private static Finding memory(Memory idle, Memory loaded) {
        String text = String.format(
                Locale.ROOT,
                "%.0f MiB after the start, %.0f MiB after load (JVM alone, resident: %.0f and %.0f MiB)",
                idle.familyMiB(),
                loaded.familyMiB(),
                idle.jvmMiB(),
                loaded.jvmMiB());
        return Finding.judged(
                "memory of the whole standalone, servers included",
                "< 1 GB",
                loaded.familyMiB() > 0 && loaded.familyMiB() < MOST_MIB,
                text,
                new JsonObject()
                        .put("idle_mib", idle.familyMiB())
                        .put("loaded_mib", loaded.familyMiB())
                        .put("idle_jvm_rss_mib", idle.jvmMiB())
                        .put("loaded_jvm_rss_mib", loaded.jvmMiB()));
    }
}
