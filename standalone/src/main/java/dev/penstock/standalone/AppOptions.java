package dev.penstock.standalone;

import dev.penstock.common.config.PenstockConfig;
import dev.penstock.common.service.Role;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * What one process is to run.
 *
 * @param config as read from file, environment and command line; secrets and models that it leaves open are filled in
 * @param configHash tells processes with different files apart
 * @param source where the configuration came from, to be read again; empty where there is nothing to read
 * @param roles the services to run here
 * @param clustered join a cluster; else this process is the whole installation and brings its own servers
 * @param dataFolder for everything that this process keeps; made if absent
 * @param binaries folder of unpacked server binaries, for tests that share one; empty: in the data folder
 * @param durable sync the embedded servers to disk; off only for tests
 * @param providers whose models are offered when the configuration names none
 */
public record AppOptions(
        PenstockConfig config,
        String configHash,
        Optional<ConfigSource> source,
        Set<Role> roles,
        boolean clustered,
        Path dataFolder,
        Optional<Path> binaries,
        boolean durable,
        Providers providers) {
    public AppOptions {
        roles = Set.copyOf(roles);
    }

    /** All services in one process, with servers of its own. */
    public static AppOptions standalone(PenstockConfig config, Path dataFolder) {
        return new AppOptions(
                config,
                "",
                Optional.empty(),
                Set.of(Role.values()),
                false,
                dataFolder,
                Optional.empty(),
                true,
                Providers.NONE);
    }

    /** One service of a cluster. */
    public static AppOptions clustered(PenstockConfig config, Role role, Path dataFolder) {
        return new AppOptions(
                config, "", Optional.empty(), Set.of(role), true, dataFolder, Optional.empty(), true, Providers.NONE);
    }

    /** These options for data that is thrown away: nothing is synced. */
    public AppOptions fleeting() {
        return new AppOptions(config, configHash, source, roles, clustered, dataFolder, binaries, false, providers);
    }

    /** These options for tests: shared binaries, nothing synced. */
    public AppOptions forTests(Path sharedBinaries) {
        return new AppOptions(
                config,
                configHash,
                source,
                roles,
                clustered,
                dataFolder,
                Optional.of(sharedBinaries),
                false,
                providers);
    }

    /** These options with what the configuration was read from. */
    public AppOptions withSource(String hash, ConfigSource from) {
        return new AppOptions(
                config, hash, Optional.of(from), roles, clustered, dataFolder, binaries, durable, providers);
    }

    /** These options with the providers that the environment names. */
    public AppOptions withProviders(Providers named) {
        return new AppOptions(config, configHash, source, roles, clustered, dataFolder, binaries, durable, named);
    }
}
