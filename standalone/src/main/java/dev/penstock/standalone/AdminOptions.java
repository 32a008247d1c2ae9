package dev.penstock.standalone;

import dev.penstock.common.lifecycle.StartException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** Which gateway a command talks to, and with which key. */
final class AdminOptions {
    /** In the data folder: where the gateway that runs on it listens. */
    static final String URL_FILE = "gateway.url";

    private static final String DEFAULT_URL = "http://127.0.0.1:8080";

    @Option(
            names = "--url",
            paramLabel = "URL",
            scope = ScopeType.INHERIT,
            description = "The gateway; else the one that runs on the data folder.")
    private @Nullable String url;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            scope = ScopeType.INHERIT,
            description = "Data folder that holds the admin key, where PENSTOCK_ADMIN_KEY is not set.")
    private @Nullable Path data;

    /** @throws StartException where there is no admin key */
    AdminApi api(Main main) {
        Path folder = main.settings().data(data);
        String address = url != null ? url : read(folder.resolve(URL_FILE)).orElse(DEFAULT_URL);
        String key = main.settings()
                .variable("PENSTOCK_ADMIN_KEY")
                .or(() -> read(folder.resolve("admin.key")))
                .orElseThrow(() -> new StartException("There is no admin key: set PENSTOCK_ADMIN_KEY, or name the data"
                        + " folder of the running Penstock with --data."));
        return new AdminApi(address, key);
    }

    private static Optional<String> read(Path file) {
        try {
            return Files.exists(file) ? Optional.of(Files.readString(file).strip()) : Optional.empty();
        } catch (IOException e) {
            throw new StartException("Cannot read " + file + "; run this as the user who runs Penstock.", e);
        }
    }
}
