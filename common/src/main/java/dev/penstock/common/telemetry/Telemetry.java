package dev.penstock.common.telemetry;

import java.util.function.DoubleSupplier;

/**
 * Where a service records what happens. One record feeds both Prometheus and the samples that monitor-service gets.
 * Handles are made once and kept; recording allocates nothing and may be done on any thread.
 *
 * <p>Names follow Prometheus: {@code penstock_<what>_<unit>}, counters end in {@code _total}, base units. Labels come as
 * key, value, key, value … from bounded sets; more than 2,000 series per process fall into one whose labels are
 * {@code __other__}, and are counted.
 */
public interface Telemetry {
    Counter counter(String name, String help, String... labels);

    /** Durations: recorded in nanoseconds, exposed in seconds. */
    Timing timing(String name, String help, String... labels);

    /** Sizes and other plain numbers. */
    Distribution distribution(String name, String help, String... labels);

    void gauge(String name, String help, DoubleSupplier level, String... labels);

    /** Only grows. */
    interface Counter {
        void add(long n);

        default void increment() {
            add(1);
        }
    }

    /** Durations. */
    interface Timing {
        void record(long nanos);
    }

    /** Plain numbers. */
    interface Distribution {
        void record(double value);
    }
}
