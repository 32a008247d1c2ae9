package dev.penstock.standalone;

import dev.penstock.common.service.Role;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code penstock run SERVICE}: one service of a cluster. */
@Command(
        name = "run",
        description = "Run one service of a cluster; Redis and Postgres are given by URL. SIGTERM drains and stops.",
        mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
    private final Main main;

    @Parameters(paramLabel = "SERVICE", description = "One of ${COMPLETION-CANDIDATES}.")
    @SuppressWarnings("NullAway.Init") // required, so picocli sets it
    private Role role;

    @Option(names = "--config", paramLabel = "FILE", description = "Configuration; else PENSTOCK_CONFIG, else none.")
    private @Nullable Path config;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Folder of this process alone; else PENSTOCK_DATA, else data/SERVICE beside the script.")
    private @Nullable Path data;

    @Option(names = "--port", paramLabel = "N", description = "Port of a gateway; 0 takes a free one.")
    private @Nullable Integer port;

    @Option(names = "--host", paramLabel = "H", description = "Address that a gateway listens on.")
    private @Nullable String host;

    RunCommand(Main main) {
        this.main = main;
    }

    @Override
    public Integer call() {
        AppOptions options = main.settings().clustered(role, config, data, host, port);
        return Lifetime.run(
                options,
                main.console(),
                app -> main.console().say(role.label() + " is up; management port " + app.managementPort() + "."));
    }
}
