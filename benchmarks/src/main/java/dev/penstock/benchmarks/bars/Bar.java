package dev.penstock.benchmarks.bars;

import dev.penstock.benchmarks.lab.Lab;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** Something of the design that can be measured, in rounds that alternate between what is compared. */
public enum Bar {
    NEAR_HIT,
    UNCACHED,
    LATENCY,
    MERGED,
    COALESCED,
    START,
    /** Needs neither Penstock nor the backends: see {@link #alone()}. */
    LIMITS;

    /** As the command line has it. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Whether it is measured without a Penstock that runs. */
    public boolean alone() {
        return this == LIMITS;
    }

    /** Measures what needs no lab. */
    public List<Finding> measure(Plan plan) throws IOException {
        return Limits.measure(plan);
    }

    /** Measures; takes rounds × seconds for each thing that is compared. */
    public List<Finding> measure(Lab lab, Plan plan) throws IOException {
        return switch (this) {
            case NEAR_HIT -> NearHit.measure(lab, plan);
            case UNCACHED -> Uncached.measure(lab, plan);
            case LATENCY -> AddedLatency.measure(lab, plan);
            case MERGED -> Merged.measure(lab, plan);
            case COALESCED -> Coalesced.measure(lab);
            case START -> Start.measure(lab, plan);
            case LIMITS -> Limits.measure(plan);
        };
    }

    /**
     * How long to measure.
     *
     * @param rounds of each thing that is compared
     * @param round length of one
     * @param warm before the first round, of each
     */
    public record Plan(int rounds, Duration round, Duration warm, Path folder) {}
}
