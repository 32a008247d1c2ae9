package dev.penstock.standalone;

import dev.penstock.common.config.ServerConfig;
import dev.penstock.common.contract.Operation;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code penstock up}: the whole of Penstock in this process. */
@Command(
        name = "up",
        description = "Run everything in one process, with its own PostgreSQL and Redis. Ctrl-C drains and stops.",
        mixinStandardHelpOptions = true)
final class UpCommand implements Callable<Integer> {
    private final Main main;

    @Option(names = "--config", paramLabel = "FILE", description = "Configuration; else PENSTOCK_CONFIG, else none.")
    private @Nullable Path config;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Folder for all data; else PENSTOCK_DATA, else data beside the script.")
    private @Nullable Path data;

    @Option(names = "--port", paramLabel = "N", description = "Port of the gateway; 0 takes a free one.")
    private @Nullable Integer port;

    @Option(names = "--host", paramLabel = "H", description = "Address that the gateway listens on.")
    private @Nullable String host;

    UpCommand(Main main) {
        this.main = main;
    }

    @Override
    public Integer call() {
        AppOptions options = main.settings().standalone(config, data, host, port);
        return Lifetime.run(options, main.console(), app -> greet(app, options));
    }

    private void greet(App app, AppOptions options) {
        String url = url(app.config().server());
        PrivateFiles.note(app.dataFolder().resolve(AdminOptions.URL_FILE), url);
        boolean ownKey = options.config().auth().adminKey().reveal().isBlank();
        Console console = main.console();
        double seconds = ManagementFactory.getRuntimeMXBean().getUptime() / 1_000.0;
        console.say("");
        console.say(String.format(Locale.ROOT, "Penstock is up (%.1f s).", seconds));
        console.say("  gateway    " + url);
        console.say("  dashboard  " + url + "/dashboard");
        var server = app.config().server();
        console.say("  metrics    http://" + server.managementHost() + ":" + app.managementPort() + "/metrics");
        app.sandboxUrl().ifPresent(at -> console.say("  sandbox    " + at + " (a model server without a model)"));
        console.say("  admin key  " + (ownKey ? "in " + app.adminKeyFile() : "as configured"));
        console.say("");
        console.say("Try:");
        console.say("  " + example(app, url, ownKey ? "$(cat '" + app.adminKeyFile() + "')" : "$PENSTOCK_ADMIN_KEY"));
        console.say("");
    }

    /** Embeddings where a model has them, since they need no thought; else a chat. */
    private static String example(App app, String url, String key) {
        String head = "curl -s " + url + "/v1/%s -H \"Authorization: Bearer " + key
                + "\" -H 'Content-Type: application/json' -d '%s'";
        var models = app.config().models();
        var embedding =
                models.stream().filter(model -> model.can(Operation.EMBEDDINGS)).findFirst();
        return embedding
                .map(model -> head.formatted(
                        "embeddings", "{\"model\": \"" + model.name() + "\", \"input\": [\"water\", \"turbine\"]}"))
                .orElseGet(() -> head.formatted(
                        "chat/completions",
                        "{\"model\": \"" + models.getFirst().name()
                                + "\", \"messages\": [{\"role\": \"user\", \"content\": \"Hello\"}]}"));
    }

    private static String url(ServerConfig server) {
        String host = server.host().equals("0.0.0.0") ? "127.0.0.1" : server.host();
        return "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + server.port();
    }
}
