package dev.penstock.gateway.ops;

/** What this gateway's near cache has done since it started. */
@FunctionalInterface
public interface NearCacheFigures {
    Figures read();

    /** @param bytes the weight of the entries */
    record Figures(long hits, long misses, long entries, long bytes) {}
}
