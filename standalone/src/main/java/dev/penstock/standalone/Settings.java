package dev.penstock.standalone;

import dev.penstock.common.config.ConfigLoader;
import dev.penstock.common.config.ConfigResult;
import dev.penstock.common.config.PenstockConfig;
import dev.penstock.common.lifecycle.StartException;
import dev.penstock.common.service.Role;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the process was told, from the strongest to the weakest: command line, environment, file, defaults. The one place
 * that knows the environment.
 */
final class Settings {
    private static final String CONFIG = "PENSTOCK_CONFIG";
    private static final String DATA = "PENSTOCK_DATA";
    private static final String DEFAULT_DATA = "data";
    /** Set by the script: the folder it stands in. */
    private static final String HOME = "penstock.home";

    private final Map<String, String> environment;

    Settings(Map<String, String> environment) {
        this.environment = Map.copyOf(environment);
    }

    /**
     * The options of {@code up}.
     *
     * @param file null: PENSTOCK_CONFIG, else none
     * @param data null: PENSTOCK_DATA, else {@code data} beside the script
     */
    AppOptions standalone(@Nullable Path file, @Nullable Path data, @Nullable String host, @Nullable Integer port) {
        ConfigResult.Loaded loaded = loaded(read(file, host, port));
        return AppOptions.standalone(loaded.config(), data(data, DEFAULT_DATA))
                .withSource(loaded.contentHash(), source(file, host, port))
                .withProviders(providers());
    }

    /** The options of {@code run}: the servers are given by URL. */
    AppOptions clustered(
            Role role, @Nullable Path file, @Nullable Path data, @Nullable String host, @Nullable Integer port) {
        ConfigResult.Loaded loaded = loaded(read(file, host, port));
        PenstockConfig config = loaded.config();
        require(config.redis().url().reveal(), "redis.url", "PENSTOCK_REDIS_URL");
        require(config.postgres().url().reveal(), "postgres.url", "PENSTOCK_POSTGRES_URL");
        return AppOptions.clustered(config, role, data(data, DEFAULT_DATA + "/" + role.label()))
                .withSource(loaded.contentHash(), source(file, host, port))
                .withProviders(providers());
    }

    private Providers providers() {
        return new Providers(variable("OPENAI_API_KEY"), variable("ANTHROPIC_API_KEY"), variable("OLLAMA_HOST"));
    }

    /** Reads and checks a file without starting anything. */
    ConfigResult check(Path file) {
        return ConfigLoader.load(file, environment);
    }

    /** Where the data is, for commands that look into it. */
    Path data(@Nullable Path given) {
        return data(given, DEFAULT_DATA);
    }

    /** A variable of the environment; an empty one counts as none. */
    Optional<String> variable(String name) {
        return Optional.ofNullable(environment.get(name)).filter(value -> !value.isBlank());
    }

    private ConfigSource source(@Nullable Path file, @Nullable String host, @Nullable Integer port) {
        return new ConfigSource(Optional.ofNullable(named(file)), () -> read(file, host, port));
    }

    private @Nullable Path named(@Nullable Path file) {
        return file != null ? file : variable(CONFIG).map(Path::of).orElse(null);
    }

    private ConfigResult read(@Nullable Path file, @Nullable String host, @Nullable Integer port) {
        return switch (ConfigLoader.load(named(file), environment)) {
            case ConfigResult.Loaded loaded ->
                new ConfigResult.Loaded(
                        listening(loaded.config(), host, port), loaded.contentHash(), loaded.warnings());
            case ConfigResult.Rejected rejected -> rejected;
        };
    }

    private static ConfigResult.Loaded loaded(ConfigResult result) {
        return switch (result) {
            case ConfigResult.Loaded loaded -> loaded;
            case ConfigResult.Rejected rejected ->
                throw new StartException(
                        rejected.errors().stream().map(Object::toString).collect(Collectors.joining("\n")));
        };
    }

    private Path data(@Nullable Path given, String otherwise) {
        if (given != null) {
            return given.toAbsolutePath();
        }
        return variable(DATA)
                .map(Path::of)
                .orElseGet(() -> Path.of(System.getProperty(HOME, "")).resolve(otherwise))
                .toAbsolutePath();
    }

    private static PenstockConfig listening(PenstockConfig config, @Nullable String host, @Nullable Integer port) {
        if (host == null && port == null) {
            return config;
        }
        if (port != null && (port < 0 || port > 65_535)) {
            throw new StartException("--port must be between 0 and 65535, not " + port + ".");
        }
        var server = config.server();
        return Configs.withServer(
                config,
                Configs.server(server, host == null ? server.host() : host, port == null ? server.port() : port));
    }

    private static void require(String value, String key, String variable) {
        if (value.isBlank()) {
            throw new StartException("A clustered service needs " + key + "; set it in the file or as " + variable
                    + ", or use ./penstock up, which brings its own servers.");
        }
    }
}
