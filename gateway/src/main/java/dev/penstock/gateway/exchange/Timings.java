package dev.penstock.gateway.exchange;

import java.util.Locale;

/** Where the time of a request went. Every moment belongs to exactly one phase, so the phases add up to the total. */
public final class Timings {
    private static final long NANOS_PER_MICRO = 1000;

    /** The phases that {@code Server-Timing} names. */
    public enum Phase {
        AUTH,
        LIMIT,
        CACHE,
        QUEUE,
        BATCH,
        UPSTREAM,
        /** Reading, checking and rendering in the gateway itself. */
        GATEWAY;

        private final String prefix = name().toLowerCase(Locale.ROOT) + ";dur=";
    }

    private static final Phase[] PHASES = Phase.values();

    private final long start;
    private long mark;
    private long auth;
    private long limit;
    private long cache;
    private long queue;
    private long batch;
    private long upstream;
    private long gateway;

    Timings(long nowNanos) {
        start = nowNanos;
        mark = nowNanos;
    }

    /** What passed since the last call belongs to {@code phase}. */
    public void lap(Phase phase, long nowNanos) {
        add(phase, nowNanos - mark);
        mark = nowNanos;
    }

    /** Moves time that turned out to belong elsewhere, at most what is there. */
    public void move(Phase from, Phase to, long nanos) {
        long moved = Math.clamp(nanos, 0, Math.max(0, of(from)));
        add(from, -moved);
        add(to, moved);
    }

    public long startNanos() {
        return start;
    }

    public long totalNanos() {
        return mark - start;
    }

    /** The value of {@code Server-Timing}, in milliseconds with three decimals. */
    public String header() {
        StringBuilder text = new StringBuilder(96);
        long total = 0;
        for (Phase phase : PHASES) {
            long micros = of(phase) / NANOS_PER_MICRO;
            if (micros > 0) {
                millis(text.append(phase.prefix), micros).append(", ");
                total += micros;
            }
        }
        return millis(text.append("total;dur="), total).toString();
    }

    public long of(Phase phase) {
        return switch (phase) {
            case AUTH -> auth;
            case LIMIT -> limit;
            case CACHE -> cache;
            case QUEUE -> queue;
            case BATCH -> batch;
            case UPSTREAM -> upstream;
            case GATEWAY -> gateway;
        };
    }

    private void add(Phase phase, long nanos) {
        switch (phase) {
            case AUTH -> auth += nanos;
            case LIMIT -> limit += nanos;
            case CACHE -> cache += nanos;
            case QUEUE -> queue += nanos;
            case BATCH -> batch += nanos;
            case UPSTREAM -> upstream += nanos;
            case GATEWAY -> gateway += nanos;
        }
    }

    private static StringBuilder millis(StringBuilder text, long micros) {
        long fraction = micros % 1000;
        text.append(micros / 1000).append('.');
        return text.append((char) ('0' + fraction / 100))
                .append((char) ('0' + fraction / 10 % 10))
                .append((char) ('0' + fraction % 10));
    }
}
