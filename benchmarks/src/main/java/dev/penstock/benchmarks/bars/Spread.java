package dev.penstock.benchmarks.bars;

import io.vertx.core.json.JsonObject;
import java.util.Arrays;
import java.util.Collection;
import java.util.Locale;

/** Figures of several rounds: the middle one, and how far they lie apart. A single figure from this machine says nothing. */
public record Spread(double median, double least, double most, int rounds) {
    static Spread of(Collection<Double> figures) {
        double[] sorted =
                figures.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        if (sorted.length == 0) {
            throw new IllegalArgumentException("no figures");
        }
        int half = sorted.length / 2;
        double median = sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
        return new Spread(median, sorted[0], sorted[sorted.length - 1], sorted.length);
    }

    static Spread of(double... figures) {
        return of(Arrays.stream(figures).boxed().toList());
    }

    JsonObject json() {
        return new JsonObject()
                .put("median", rounded(median))
                .put("min", rounded(least))
                .put("max", rounded(most))
                .put("rounds", rounds);
    }

    /** {@code 0.71 (0.66–0.74)}. */
    String text(int decimals) {
        String format = "%." + decimals + "f";
        return String.format(Locale.ROOT, format + " (" + format + "–" + format + ")", median, least, most);
    }

    private static double rounded(double value) {
        return Math.round(value * 1_000) / 1_000.0;
    }
}
