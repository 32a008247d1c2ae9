package dev.penstock.common.pool.policy;

import java.util.Arrays;
import java.util.List;

/**
 * Which instance takes the next call: the hot/cold rule of Prequal (NSDI 2024) over all instances.
 *
 * <p>An instance is hot when more is in flight on it, for its weight, than on 84 % of the usable ones. Among the cold
 * ones the least {@code latency · (in flight + 1) / weight} wins. Latency alone sends everybody to the same instance;
 * load alone feeds an instance that is five times slower as if it were not.
 */
public final class InstanceChoice {
    private static final double COLD_SHARE = 0.84;
    /** An instance that is busy with its first calls has shown nothing yet. */
    private static final double UNKNOWN_NANOS = 1e12;

    private InstanceChoice() {}

    /**
     * An instance as the choice sees it.
     *
     * @param usable whether it may take a call now
     * @param latencyNanos 0 where nothing is known
     * @param weight above 0
     */
    public record Candidate(boolean usable, int inFlight, double latencyNanos, double weight) {
        double load() {
            return inFlight / weight;
        }

        double cost() {
            double latency = latencyNanos > 0 ? latencyNanos : inFlight > 0 ? UNKNOWN_NANOS : 0;
            return latency * (inFlight + 1) / weight;
        }
    }

    /**
     * The index of the chosen candidate, -1 if none is usable.
     *
     * @param turn rotates the order in which equals are looked at
     */
    public static int choose(List<Candidate> candidates, int turn) {
        double hot = threshold(candidates);
        int best = -1;
        double least = Double.MAX_VALUE;
        for (int i = 0; i < candidates.size(); i++) {
            int at = Math.floorMod(i + turn, candidates.size());
            Candidate candidate = candidates.get(at);
            if (candidate.usable() && candidate.load() <= hot && (best < 0 || candidate.cost() < least)) {
                best = at;
                least = candidate.cost();
            }
        }
        return best;
    }

    private static double threshold(List<Candidate> candidates) {
        double[] loads = new double[candidates.size()];
        int n = 0;
        for (Candidate candidate : candidates) {
            if (candidate.usable()) {
                loads[n++] = candidate.load();
            }
        }
        if (n == 0) {
            return -1;
        }
        Arrays.sort(loads, 0, n);
        return loads[(int) Math.ceil(COLD_SHARE * n) - 1];
    }
}
