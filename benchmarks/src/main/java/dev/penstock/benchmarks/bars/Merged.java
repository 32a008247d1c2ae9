package dev.penstock.benchmarks.bars;

import dev.penstock.benchmarks.bars.Bar.Plan;
import dev.penstock.benchmarks.lab.Lab;
import dev.penstock.benchmarks.load.ClosedLoop;
import dev.penstock.benchmarks.load.Shot;
import dev.penstock.benchmarks.load.Volley;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** 64 workers that each embed one text at a time, on a backend that costs 20 ms + 1 ms·n and does one call at a time. */
final class Merged {
    private static final int WORKERS = 64;
    /** Enough that the backend never waits for the next call. */
    private static final int DIRECT = 2;

    private static final double WANTED = 0.95;
    private static final int LONGEST_ROUNDS = 5;
    /** A round shorter than this is mostly its first and last batch. */
    private static final Duration LEAST = Duration.ofSeconds(4);

    private long number = System.currentTimeMillis() % 1_000_000 * 1_000_000;
    private final List<Double> rates = new ArrayList<>();
    private final List<Double> sizes = new ArrayList<>();
    private long errors;

    private Merged() {}

    static List<Finding> measure(Lab lab, Plan plan) throws IOException {
        Merged merged = new Merged();
        Merged single = new Merged();
        Duration round = plan.round().compareTo(LEAST) < 0 ? LEAST : plan.round();
        merged.round(lab, "embed-merged", plan.warm(), false);
        Shot full = full(lab);
        List<Double> direct = new ArrayList<>();
        for (int i = 0; i < Math.min(LONGEST_ROUNDS, plan.rounds()); i++) {
            merged.round(lab, "embed-merged", round, true);
            single.round(lab, "embed-single", round, true);
            lab.costed().reset();
            direct.add(ClosedLoop.run(full, DIRECT, round, 0).rate() * Lab.BATCH);
        }
        return List.of(finding(merged, single, Spread.of(direct)));
    }

    /** A call of full size to the backend itself: what it really gives on this machine now. */
    private static Shot full(Lab lab) {
        JsonArray texts = new JsonArray();
        for (int i = 0; i < Lab.BATCH; i++) {
            texts.add("gate " + i);
        }
        JsonObject body = new JsonObject().put("model", "sandbox-embed").put("input", texts);
        return Shot.post(lab.costed().port(), "/v1/embeddings", Map.of(), body.encode());
    }

    private void round(Lab lab, String model, Duration time, boolean counts) throws IOException {
        Shot shot = lab.shot("/v1/embeddings", "{\"model\":\"" + model + "\",\"input\":\"gate " + Shot.NUMBER + "\"}");
        lab.costed().reset();
        Volley volley = ClosedLoop.run(shot, WORKERS, time, number);
        number += 1_000_000;
        JsonObject stats = lab.costed().stats();
        if (counts) {
            rates.add(volley.rate());
            sizes.add((double) stats.getLong("items") / Math.max(1, stats.getLong("calls")));
            errors += volley.errors();
        }
    }

    private static Finding finding(Merged merged, Merged single, Spread direct) {
        double ideal = Lab.BATCH / (Lab.CALL_MILLIS + Lab.ITEM_MILLIS * Lab.BATCH) * 1_000;
        Spread rate = Spread.of(merged.rates);
        Spread alone = Spread.of(single.rates);
        Spread size = Spread.of(merged.sizes);
        double share = rate.median() / ideal;
        JsonObject figures = new JsonObject()
                .put("merged_per_second", rate.json())
                .put("unmerged_per_second", alone.json())
                .put("mean_batch_size", size.json())
                .put("ideal_per_second", ideal)
                .put("share_of_ideal", share)
                .put("full_batches_direct_per_second", direct.json())
                .put("errors", merged.errors + single.errors);
        String text = String.format(
                Locale.ROOT,
                "%.0f %% of the ideal %.0f/s: %s/s merged, %s/s not (%.1f ×); %s texts a call; full batches sent directly: %s/s; %d errors",
                share * 100,
                ideal,
                rate.text(0),
                alone.text(0),
                rate.median() / alone.median(),
                size.text(1),
                direct.text(0),
                merged.errors + single.errors);
        return Finding.judged(
                "merged embeddings, 64 workers, 20 ms + 1 ms·n", "≥ 95 % of the ideal", share >= WANTED, text, figures);
    }
}
