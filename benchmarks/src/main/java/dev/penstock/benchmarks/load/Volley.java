package dev.penstock.benchmarks.load;

import org.HdrHistogram.Histogram;

/**
 * What one run of a load brought.
 *
 * @param answers complete ones, of any status
 * @param errors those of them that were not 2xx
 * @param latency in nanoseconds
 */
public record Volley(long answers, long errors, double seconds, Histogram latency) {
    private static final long LONGEST_NANOS = 120_000_000_000L;
    private static final int DIGITS = 3;

    static Histogram histogram() {
        return new Histogram(LONGEST_NANOS, DIGITS);
    }

    /** Answers per second. */
    public double rate() {
        return answers / seconds;
    }

    /** The latency in microseconds that {@code percent} of the requests stayed below. */
    public double micros(double percent) {
        return latency.getValueAtPercentile(percent) / 1_000.0;
    }
}
