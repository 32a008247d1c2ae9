package dev.penstock.embedded;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * What to start and how. Ports are always free ones picked at each start: the URLs carry them, and nothing
 * remembers them.
 *
 * @param postgres start PostgreSQL
 * @param redis start Redis
 * @param durable write to disk before a commit is acknowledged; off only for tests, where speed counts more
 * @param redisPassword protect Redis with a random password, so that other users of the machine cannot read it
 * @param supervised start a server again, on its port, when it dies by itself
 * @param redisMemoryMb Redis evicts (least frequently used first) above this many MiB, at least 4
 * @param startTimeout deadline for the first start of each server, unpacking and initialising included
 * @param stopTimeout deadline for an orderly stop; after it the server is killed
 * @param binaries folder for the unpacked binaries; empty: {@code bin} in the data folder
 */
public record EmbeddedOptions(
        boolean postgres,
        boolean redis,
        boolean durable,
        boolean redisPassword,
        boolean supervised,
        int redisMemoryMb,
        Duration startTimeout,
        Duration stopTimeout,
        Optional<Path> binaries) {

    /** Both servers, durable, guarded by passwords, supervised: what standalone runs. */
    public static final EmbeddedOptions DEFAULTS = new EmbeddedOptions(
            true, true, true, true, true, 256, Duration.ofSeconds(60), Duration.ofSeconds(10), Optional.empty());

    /** Checks the ranges. */
    public EmbeddedOptions {
        if (redisMemoryMb < 4) {
            throw new IllegalArgumentException("redisMemoryMb must be at least 4, not " + redisMemoryMb);
        }
        if (!startTimeout.isPositive() || !stopTimeout.isPositive()) {
            throw new IllegalArgumentException("timeouts must be positive");
        }
    }

    /** Both servers as tests want them: nothing is synced to disk, Redis takes anyone on loopback. */
    public static EmbeddedOptions forTests() {
        return new EmbeddedOptions(
                true, true, false, false, false, 256, Duration.ofSeconds(60), Duration.ofSeconds(10), Optional.empty());
    }

    /** These options with the choice of servers replaced. */
    public EmbeddedOptions withServers(boolean newPostgres, boolean newRedis) {
        return new EmbeddedOptions(
                newPostgres,
                newRedis,
                durable,
                redisPassword,
                supervised,
                redisMemoryMb,
                startTimeout,
                stopTimeout,
                binaries);
    }

    /** These options with supervision switched on or off. */
    public EmbeddedOptions withSupervised(boolean newSupervised) {
        return new EmbeddedOptions(
                postgres,
                redis,
                durable,
                redisPassword,
                newSupervised,
                redisMemoryMb,
                startTimeout,
                stopTimeout,
                binaries);
    }

    /** These options with the folder of the binaries replaced. */
    public EmbeddedOptions withBinaries(Path folder) {
        return new EmbeddedOptions(
                postgres,
                redis,
                durable,
                redisPassword,
                supervised,
                redisMemoryMb,
                startTimeout,
                stopTimeout,
                Optional.of(folder));
    }
}
