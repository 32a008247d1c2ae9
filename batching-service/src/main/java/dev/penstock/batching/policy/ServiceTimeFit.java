package dev.penstock.batching.policy;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Fits {@code latency = a + b·n} to the last 64 calls.
 *
 * <p>Least squares with weights {@code 1/latency²}, because what matters is the relative error; then samples whose
 * latency is over 1.6 times the median ratio to the fit are left out (pauses of the machine, cold starts) and the rest
 * is fitted again. {@code a} and {@code b} are kept at 0 or above. Where all calls in the ring had one size (every batch
 * is full), the last known shape is kept and scaled to them; before any slope was seen their median stands for every size. Recording costs some microseconds, once per call. Not safe for use by several threads.
 */
public final class ServiceTimeFit {
    private static final int RING = 64;
    private static final int LEAST = 3;
    private static final double OUTLIER = 1.6;
    private static final long TRUST_NANOS = 1_000_000_000L;

    private final int[] sizes = new int[RING];
    private final double[] latencies = new double[RING];
    private long count;
    private long lastNanos;
    private @Nullable ServiceTime fit;
    private @Nullable Line shape;

    /** Adds a call that succeeded. */
    public void record(int n, long latencyNanos, long nowNanos) {
        int at = (int) (count % RING);
        sizes[at] = Math.max(1, n);
        latencies[at] = Math.max(1, latencyNanos);
        count++;
        lastNanos = nowNanos;
        fit = count < LEAST ? null : compute((int) Math.min(count, RING));
    }

    /** The fit whatever its age; null before the third call. */
    public @Nullable ServiceTime current() {
        return fit;
    }

    /**
     * The fit if it is fresh enough to refuse work by. After a stall everything would be refused, no call would be made,
     * and the stall would be remembered for ever; so an estimate that no call has confirmed lately does not count.
     */
    public @Nullable ServiceTime trusted(long nowNanos) {
        ServiceTime known = fit;
        if (known == null) {
            return null;
        }
        return nowNanos - lastNanos > Math.max(TRUST_NANOS, 2 * known.highNanos(1)) ? null : known;
    }

    private ServiceTime compute(int samples) {
        boolean[] kept = new boolean[samples];
        Arrays.fill(kept, true);
        Line line = line(kept);
        double[] ratios = ratios(line, kept);
        double median = ratios[ratios.length / 2];
        boolean dropped = false;
        for (int i = 0; i < samples; i++) {
            if (latencies[i] / line.at(sizes[i]) > OUTLIER * median) {
                kept[i] = false;
                dropped = true;
            }
        }
        if (dropped) {
            line = line(kept);
        }
        if (line.sloped) {
            shape = line;
        }
        Arrays.fill(kept, true);
        double[] residuals = ratios(line, kept);
        double spread = residuals[Math.min(residuals.length - 1, (int) (0.98 * residuals.length))];
        // A single stall in a short ring would otherwise make every estimate absurd.
        return new ServiceTime(line.a, line.b, Math.clamp(spread, 1.0, 3.0), line.sloped);
    }

    private record Line(double a, double b, boolean sloped) {
        double at(int n) {
            return Math.max(1, a + b * n);
        }
    }

    private Line line(boolean[] kept) {
        double w = 0;
        double wx = 0;
        double wy = 0;
        double wxx = 0;
        double wxy = 0;
        for (int i = 0; i < kept.length; i++) {
            if (kept[i]) {
                double weight = 1 / (latencies[i] * latencies[i]);
                w += weight;
                wx += weight * sizes[i];
                wy += weight * latencies[i];
                wxx += weight * sizes[i] * sizes[i];
                wxy += weight * sizes[i] * latencies[i];
            }
        }
        double det = w * wxx - wx * wx;
        if (det <= 1e-9 * w * wxx) {
            return scaled(kept);
        }
        double b = (w * wxy - wx * wy) / det;
        double a = (wy - b * wx) / w;
        if (b < 0) {
            return new Line(wy / w, 0, true);
        }
        return a < 0 ? new Line(0, wxy / wxx, true) : new Line(a, b, true);
    }

    private Line scaled(boolean[] kept) {
        double median = median(kept);
        Line known = shape;
        if (known == null) {
            return new Line(median, 0, false);
        }
        double scale = median / known.at(sizes[(int) ((count - 1) % RING)]);
        return new Line(known.a * scale, known.b * scale, true);
    }

    private double median(boolean[] kept) {
        double[] values = new double[kept.length];
        int n = 0;
        for (int i = 0; i < kept.length; i++) {
            if (kept[i]) {
                values[n++] = latencies[i];
            }
        }
        Arrays.sort(values, 0, n);
        return values[n / 2];
    }

    private double[] ratios(Line line, boolean[] kept) {
        double[] ratios = new double[kept.length];
        for (int i = 0; i < kept.length; i++) {
            ratios[i] = latencies[i] / line.at(sizes[i]);
        }
        Arrays.sort(ratios);
        return ratios;
    }
}
