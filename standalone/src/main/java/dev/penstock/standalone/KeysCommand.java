package dev.penstock.standalone;

import dev.penstock.common.lifecycle.StartException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code penstock keys …}, through the admin API of a running gateway. */
@Command(
        name = "keys",
        description = "Make, list and revoke keys.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "create|list|revoke")
final class KeysCommand {
    /** In the data folder: where the gateway that runs on it listens. */
    static final String URL_FILE = "gateway.url";

    private static final String DEFAULT_URL = "http://127.0.0.1:8080";

    private final Main main;

    @Option(
            names = "--url",
            paramLabel = "URL",
            scope = picocli.CommandLine.ScopeType.INHERIT,
            description = "The gateway; else the one that runs on the data folder.")
    private @Nullable String url;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            scope = picocli.CommandLine.ScopeType.INHERIT,
            description = "Data folder that holds the admin key, where PENSTOCK_ADMIN_KEY is not set.")
    private @Nullable Path data;

    KeysCommand(Main main) {
        this.main = main;
    }

    @Command(name = "create", description = "Make keys; prints each, which is never shown again.")
    int create(
            @Option(names = "--name", required = true, paramLabel = "N", description = "What the key is for.")
                    String name,
            @Option(names = "--role", defaultValue = "user", paramLabel = "R", description = "user, analyst or admin.")
                    String role,
            @Option(names = "--team", paramLabel = "T", description = "Shares cache and budgets.") @Nullable
                    String team,
            @Option(names = "--unlimited", description = "No request limits; for measuring.") boolean unlimited,
            @Option(names = "--count", defaultValue = "1", paramLabel = "N", description = "How many; 1 to 10000.")
                    int count) {
        if (count < 1 || count > 10_000) {
            throw new StartException("--count must be between 1 and 10000, not " + count + ".");
        }
        AdminApi api = api();
        for (int i = 1; i <= count; i++) {
            JsonObject wish = new JsonObject()
                    .put("name", count == 1 ? name : name + "-" + i)
                    .put("role", role);
            if (team != null) {
                wish.put("team", team);
            }
            if (unlimited) {
                wish.put("unlimited", true);
            }
            main.console().say(api.call("POST", "/api/admin/keys", wish).getString("key"));
        }
        return 0;
    }

    @Command(name = "list", description = "List keys without their secrets.")
    int list() {
        JsonArray keys = api().call("GET", "/api/admin/keys", null).getJsonArray("keys", new JsonArray());
        main.console().say(row("ID", "ROLE", "TEAM", "STATE", "NAME"));
        for (int i = 0; i < keys.size(); i++) {
            JsonObject key = keys.getJsonObject(i);
            String state = key.getValue("revokedAt") != null
                    ? "revoked"
                    : key.getBoolean("unlimited", false) ? "unlimited" : "active";
            main.console()
                    .say(row(
                            key.getString("id", ""),
                            key.getString("role", ""),
                            Optional.ofNullable(key.getString("team")).orElse("-"),
                            state,
                            key.getString("name", "")));
        }
        return 0;
    }

    @Command(name = "revoke", description = "End a key at once.")
    int revoke(@Parameters(paramLabel = "ID", description = "As shown by list.") String id) {
        if (!id.matches("[A-Za-z0-9_-]+")) {
            throw new StartException("'" + id + "' is no key id; see: ./penstock keys list");
        }
        api().call("DELETE", "/api/admin/keys/" + id, null);
        main.console().say(id + " is revoked.");
        return 0;
    }

    private AdminApi api() {
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

    private static String row(String id, String role, String team, String state, String name) {
        return "%-22s %-8s %-16s %-10s %s"
                .formatted(id, role, team, state, name)
                .stripTrailing();
    }
}
