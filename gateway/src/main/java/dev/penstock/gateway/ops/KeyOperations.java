package dev.penstock.gateway.ops;

import dev.penstock.common.contract.Priority;
import dev.penstock.common.fault.Fault;
import dev.penstock.gateway.auth.AccessRole;
import dev.penstock.gateway.auth.Auth;
import dev.penstock.gateway.auth.KeyAdmin;
import dev.penstock.gateway.auth.KeyRecord;
import dev.penstock.gateway.http.ClientAddress;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Making, listing and ending keys. */
final class KeyOperations {
    private static final Set<String> FIELDS = Set.of("name", "role", "team", "unlimited", "priority");
    /** Names and teams go into logs, labels and pages. */
    private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{N}][\\p{L}\\p{N} ._@/+-]{0,99}");

    private final Auth auth;

    KeyOperations(Auth auth) {
        this.auth = auth;
    }

    void register(Map<Operations, OperationHandler> handlers) {
        handlers.put(Operations.KEY_CREATE, this::create);
        handlers.put(Operations.KEY_LIST, this::list);
        handlers.put(Operations.KEY_REVOKE, this::revoke);
    }

    private Future<Answer> create(OpsCall call) {
        KeyAdmin.Wish wish = wish(call.body(FIELDS));
        return auth.keys()
                .create(wish, call.principal(), ClientAddress.of(call.request()), call.context())
                .map(created -> Answer.json(201, json(created.record()).put("key", created.key())));
    }

    private Future<Answer> list(OpsCall call) {
        return auth.keys().list().map(keys -> {
            JsonArray array = new JsonArray();
            keys.forEach(key -> array.add(json(key)));
            return Answer.json(new JsonObject().put("keys", array));
        });
    }

    private Future<Answer> revoke(OpsCall call) {
        return auth.keys()
                .revoke(call.pathParameter("id"), call.principal(), ClientAddress.of(call.request()), call.context())
                .map(done -> Answer.empty(Map.of()));
    }

    private static KeyAdmin.Wish wish(JsonObject body) {
        String name = OpsCall.text(body, "name");
        if (name == null) {
            throw Fault.invalid("name", "A key needs a 'name'.");
        }
        String team = OpsCall.text(body, "team");
        return new KeyAdmin.Wish(
                named("name", name),
                choice("role", OpsCall.text(body, "role"), AccessRole.USER),
                team == null ? null : named("team", team),
                flag(body),
                choice("priority", OpsCall.text(body, "priority"), Priority.CRITICAL));
    }

    private static String named(String field, String value) {
        if (!NAME.matcher(value).matches()) {
            throw Fault.invalid(
                    field,
                    "'" + field
                            + "' must be 1 to 100 letters, digits, spaces or . _ @ / + -, beginning with a letter or"
                            + " digit.");
        }
        return value;
    }

    private static boolean flag(JsonObject body) {
        Object value = body.getValue("unlimited");
        if (value == null || value instanceof Boolean) {
            return Boolean.TRUE.equals(value);
        }
        throw Fault.invalid("unlimited", "'unlimited' must be true or false.");
    }

    private static <E extends Enum<E>> E choice(String field, @Nullable String text, E absent) {
        Class<E> type = absent.getDeclaringClass();
        return text == null
                ? absent
                : Labels.parse(type, text)
                        .orElseThrow(
                                () -> Fault.invalid(field, "'" + field + "' must be one of " + Labels.all(type) + "."));
    }

    private static JsonObject json(KeyRecord key) {
        return new JsonObject()
                .put("id", key.id())
                .put("name", key.name())
                .put("role", key.role().label())
                .put("team", key.team())
                .put("unlimited", key.unlimited())
                .put("priority", Labels.of(key.priority()))
                .put("createdAt", key.createdAt().toString())
                .put("createdBy", key.createdBy())
                .put(
                        "revokedAt",
                        key.revokedAt() == null ? null : key.revokedAt().toString());
    }
}
