package dev.penstock.standalone;

import dev.penstock.common.lifecycle.StartException;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code penstock users …}, through the admin API of a running gateway. */
@Command(
        name = "users",
        description = "Make users.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "create")
final class UsersCommand {
    private final Main main;

    @Mixin
    private final AdminOptions gateway = new AdminOptions();

    UsersCommand(Main main) {
        this.main = main;
    }

    @Command(name = "create", description = "Make a user; asks for the password, or reads it from standard input.")
    int create(
            @Option(names = "--name", required = true, paramLabel = "N", description = "What the user signs in with.")
                    String name,
            @Option(names = "--role", defaultValue = "user", paramLabel = "R", description = "user, analyst or admin.")
                    String role,
            @Option(names = "--team", paramLabel = "T", description = "Shares cache and budgets.") @Nullable
                    String team,
            @Option(names = "--email", paramLabel = "E", description = "Kept encrypted.") @Nullable String email,
            @Option(names = "--no-password", description = "A user who only has keys.") boolean noPassword) {
        JsonObject wish = new JsonObject().put("name", name).put("role", role);
        if (team != null) {
            wish.put("team", team);
        }
        if (email != null) {
            wish.put("email", email);
        }
        if (!noPassword) {
            wish.put("password", password());
        }
        main.console()
                .say(gateway.api(main).call("POST", "/api/admin/users", wish).getString("id"));
        return 0;
    }

    /** Never an option: what stands on a command line can be read by all users of the machine. */
    private static String password() {
        Console console = Objects.requireNonNull(System.console(), "JDK 22 and newer have one");
        try {
            if (console.isTerminal()) {
                char[] typed = console.readPassword("Password: ");
                if (typed != null) {
                    return new String(typed);
                }
            }
            String line = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
            if (line == null) {
                throw new StartException("No password came; type one, pipe one in, or say --no-password.");
            }
            return line;
        } catch (IOException e) {
            throw new StartException("The password cannot be read from standard input.", e);
        }
    }
}
