package dev.penstock.standalone;

import dev.penstock.common.lifecycle.StartException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code penstock keys …}, through the admin API of a running gateway. */
@Command(
        name = "keys",
        description = "Make, list, rotate and revoke keys.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "create|list|rotate|revoke")
final class KeysCommand {
    private static final Pattern TIME = Pattern.compile("(\\d{1,9})([smhd])");

    private final Main main;

    @Mixin
    private final AdminOptions gateway = new AdminOptions();

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
            @Option(names = "--user", paramLabel = "U", description = "Name or id of the user it belongs to.") @Nullable
                    String user,
            @Option(names = "--unlimited", description = "No request limits; for measuring.") boolean unlimited,
            @Option(names = "--expires", paramLabel = "WHEN", description = "A moment, or a time from now: 12h, 30d.")
                    @Nullable
                    String expires,
            @Option(names = "--model", paramLabel = "M", description = "May use this model alone; repeatable.")
                    @Nullable
                    List<String> models,
            @Option(names = "--route", paramLabel = "R", description = "May call this route alone; repeatable.")
                    @Nullable
                    List<String> routes,
            @Option(names = "--rate-class", paramLabel = "C", description = "Class of limits in place of the usual.")
                    @Nullable
                    String rateClass,
            @Option(names = "--priority", paramLabel = "P", description = "The most urgent it may ask for.") @Nullable
                    String priority,
            @Option(names = "--budget", paramLabel = "B", description = "Its cost is taken from it too; repeatable.")
                    @Nullable
                    List<String> budgets,
            @Option(names = "--tag", paramLabel = "T", description = "Its cost is counted under it; repeatable.")
                    @Nullable
                    List<String> tags,
            @Option(names = "--count", defaultValue = "1", paramLabel = "N", description = "How many; 1 to 10000.")
                    int count) {
        if (count < 1 || count > 10_000) {
            throw new StartException("--count must be between 1 and 10000, not " + count + ".");
        }
        JsonObject wish = new JsonObject().put("role", role);
        put(wish, "team", team);
        put(wish, "user", user);
        put(wish, "rateClass", rateClass);
        put(wish, "priority", priority);
        put(wish, "models", models);
        put(wish, "routes", routes);
        put(wish, "budgets", budgets);
        put(wish, "tags", tags);
        put(wish, "expiresAt", expires == null ? null : moment(expires, Instant.now()));
        if (unlimited) {
            wish.put("unlimited", true);
        }
        AdminApi api = gateway.api(main);
        for (int i = 1; i <= count; i++) {
            wish.put("name", count == 1 ? name : name + "-" + i);
            main.console().say(api.call("POST", "/api/admin/keys", wish).getString("key"));
        }
        return 0;
    }

    @Command(name = "list", description = "List keys without their secrets.")
    int list() {
        JsonArray keys = gateway.api(main).call("GET", "/api/admin/keys", null).getJsonArray("keys", new JsonArray());
        main.console().say(row("ID", "ROLE", "TEAM", "STATE", "NAME"));
        for (int i = 0; i < keys.size(); i++) {
            JsonObject key = keys.getJsonObject(i);
            String state = state(key, Instant.now());
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

    private static String state(JsonObject key, Instant now) {
        String expires = key.getString("expiresAt");
        if (key.getValue("revokedAt") != null) {
            return "revoked";
        }
        if (expires != null && !Instant.parse(expires).isAfter(now)) {
            return "expired";
        }
        if (key.getValue("suspended") != null) {
            return "suspended";
        }
        return key.getBoolean("unlimited", false) ? "unlimited" : "active";
    }

    @Command(name = "rotate", description = "Give a key a new secret; prints it, and it is never shown again.")
    int rotate(
            @Parameters(paramLabel = "ID", description = "As shown by list.") String id,
            @Option(names = "--grace", defaultValue = "0s", paramLabel = "T", description = "The one before works on.")
                    String grace) {
        JsonObject wish =
                new JsonObject().put("graceSeconds", time("--grace", grace).toSeconds());
        JsonObject rotated = gateway.api(main).call("POST", "/api/admin/keys/" + checked(id) + "/rotate", wish);
        main.console().say(rotated.getString("key"));
        return 0;
    }

    @Command(name = "revoke", description = "End a key at once.")
    int revoke(@Parameters(paramLabel = "ID", description = "As shown by list.") String id) {
        gateway.api(main).call("DELETE", "/api/admin/keys/" + checked(id), null);
        main.console().say(id + " is revoked.");
        return 0;
    }

    private static String checked(String id) {
        if (!id.matches("[A-Za-z0-9_-]+")) {
            throw new StartException("'" + id + "' is no key id; see: ./penstock keys list");
        }
        return id;
    }

    private static void put(JsonObject wish, String field, @Nullable Object value) {
        if (value instanceof List<?> list) {
            wish.put(field, new JsonArray(list));
        } else if (value != null) {
            wish.put(field, value);
        }
    }

    /** A moment as the API wants it, given as one or as a time from now. */
    static String moment(String text, Instant now) {
        if (TIME.matcher(text).matches()) {
            return now.plus(time("--expires", text)).toString();
        }
        try {
            return Instant.parse(text).toString();
        } catch (DateTimeParseException e) {
            throw new StartException(
                    "--expires must be a time from now such as 12h or 30d, or a moment such as 2027-01-31T00:00:00Z,"
                            + " not " + text + ".",
                    e);
        }
    }

    private static Duration time(String option, String text) {
        Matcher matcher = TIME.matcher(text);
        if (!matcher.matches()) {
            throw new StartException(option + " must be a time such as 30s, 10m, 12h or 30d, not " + text + ".");
        }
        long number = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            default -> Duration.ofDays(number);
        };
    }

    private static String row(String id, String role, String team, String state, String name) {
        return "%-22s %-8s %-16s %-10s %s"
                .formatted(id, role, team, state, name)
                .stripTrailing();
    }
}
