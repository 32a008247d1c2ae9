package dev.penstock.sandbox.policy;

import java.util.List;
import java.util.Locale;
import java.util.Set;

/** A classifier by a short list of words: transparent, deterministic, and good enough to try the endpoint. */
public final class Sentiment {
    /** The classes, in the order of the probabilities. */
    public static final List<String> LABELS = List.of("negative", "neutral", "positive");

    private static final Set<String> GOOD = Set.of(
            "good", "great", "love", "excellent", "happy", "nice", "fast", "best", "wonderful", "thanks", "perfect");
    private static final Set<String> BAD =
            Set.of("bad", "awful", "hate", "terrible", "sad", "slow", "worst", "broken", "horrible", "error", "wrong");

    private Sentiment() {}

    /** Probabilities of {@link #LABELS}; they add up to 1. */
    public static double[] probabilities(String text) {
        int good = 0;
        int bad = 0;
        for (String word : text.toLowerCase(Locale.ROOT).split("[^a-z]+", -1)) {
            good += GOOD.contains(word) ? 1 : 0;
            bad += BAD.contains(word) ? 1 : 0;
        }
        double[] weights = {Math.exp(bad), Math.exp(0.5), Math.exp(good)};
        double sum = weights[0] + weights[1] + weights[2];
        for (int i = 0; i < weights.length; i++) {
            weights[i] /= sum;
        }
        return weights;
    }

    /** Index of the most likely class. */
    public static int best(double[] probabilities) {
        int best = 0;
        for (int i = 1; i < probabilities.length; i++) {
            best = probabilities[i] > probabilities[best] ? i : best;
        }
        return best;
    }
}
