package dev.penstock.standalone;

import dev.penstock.common.lifecycle.StartException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code penstock audit …}, through the admin API of a running gateway. */
@Command(
        name = "audit",
        description = "Read the audit trail, and prove that nobody changed it.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "list|verify")
final class AuditCommand {
    /** The API's longest page. */
    private static final int PAGE = 500;

    private final Main main;

    @Mixin
    private final AdminOptions gateway = new AdminOptions();

    AuditCommand(Main main) {
        this.main = main;
    }

    @Command(name = "list", description = "Show acts, newest first.")
    int list(
            @Option(names = "--actor", paramLabel = "ID", description = "Only by this key, user or pseudonym.")
                    @Nullable
                    String actor,
            @Option(names = "--kind", paramLabel = "K", description = "Only of this kind, such as key-created.")
                    @Nullable
                    String kind,
            @Option(names = "--from", paramLabel = "TIME", description = "Since a moment: 2027-01-31T00:00:00Z.")
                    @Nullable
                    String from,
            @Option(names = "--to", paramLabel = "TIME", description = "Before a moment.") @Nullable String to,
            @Option(names = "--limit", defaultValue = "100", paramLabel = "N", description = "How many; 1 to 100000.")
                    int limit) {
        if (limit < 1 || limit > 100_000) {
            throw new StartException("--limit must be between 1 and 100000, not " + limit + ".");
        }
        AdminApi api = gateway.api(main);
        String filter = query("actor", actor) + query("kind", kind) + query("from", from) + query("to", to);
        Object next = null;
        int left = limit;
        do {
            String path =
                    "/api/admin/audit?limit=" + Math.min(PAGE, left) + filter + (next == null ? "" : "&after=" + next);
            JsonObject page = api.call("GET", path, null);
            JsonArray entries = page.getJsonArray("entries", new JsonArray());
            for (int i = 0; i < entries.size(); i++) {
                main.console().say(line(entries.getJsonObject(i)));
            }
            left -= entries.size();
            next = page.getValue("next");
        } while (next != null && left > 0);
        return 0;
    }

    private static String line(JsonObject entry) {
        return String.join(
                "  ",
                String.valueOf(entry.getValue("seq")),
                entry.getString("at", ""),
                entry.getString("kind", ""),
                entry.getBoolean("allowed", false) ? "done" : "refused",
                "by " + entry.getString("actor", ""),
                "on " + entry.getString("target", ""),
                String.valueOf(entry.getValue("detail")));
    }

    @Command(name = "verify", description = "Check the whole chain; exit 1 and the first broken row if it was changed.")
    int verify() {
        AdminApi api = gateway.api(main);
        long after = 0;
        long checked = 0;
        while (true) {
            JsonObject part = api.call("GET", "/api/admin/audit/verify?after=" + after, null);
            checked += part.getLong("checked", 0L);
            String status = part.getString("status", "");
            if (status.equals("broken")) {
                JsonObject broken = part.getJsonObject("broken", new JsonObject());
                main.console()
                        .say("The trail is BROKEN at row " + broken.getValue("seq") + ": " + broken.getString("reason")
                                + ". All rows before it are as they were written.");
                return 1;
            }
            long last = part.getLong("last", after);
            if (status.equals("intact")) {
                main.console()
                        .say("The trail is intact: " + checked + " rows, head " + part.getString("head", "") + ".");
                return 0;
            }
            if (last <= after) {
                throw new StartException("The check does not get on after row " + after + ": " + part.encode());
            }
            after = last;
            main.console().say(checked + " rows are intact so far …");
        }
    }

    private static String query(String name, @Nullable String value) {
        return value == null ? "" : "&" + name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8);
    }
}
