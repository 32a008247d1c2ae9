package dev.penstock.gateway.ops;

import dev.penstock.common.contract.Priority;
import dev.penstock.gateway.auth.AccessRole;
import dev.penstock.gateway.auth.Auth;
import dev.penstock.gateway.auth.KeyAdmin;
import dev.penstock.gateway.auth.KeyAdmin.Wish;
import dev.penstock.gateway.auth.KeyRecord;
import dev.penstock.gateway.auth.Scope;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Map;
import java.util.Set;

/** Making, listing, changing, rotating and ending keys. */
final class KeyOperations {
    private static final Set<String> FIELDS = Set.of(
            "name",
            "role",
            "user",
            "team",
            "unlimited",
            "priority",
            "models",
            "routes",
            "rateClass",
            "tags",
            "budgets",
            "expiresAt");
    private static final long LONGEST_GRACE = Duration.ofDays(30).toSeconds();

    private final Auth auth;

    KeyOperations(Auth auth) {
        this.auth = auth;
    }

    void register(Map<Operations, OperationHandler> handlers) {
        handlers.put(Operations.KEY_CREATE, this::create);
        handlers.put(Operations.KEY_LIST, this::list);
        handlers.put(Operations.KEY_CHANGE, this::change);
        handlers.put(Operations.KEY_ROTATE, this::rotate);
        handlers.put(Operations.KEY_REVOKE, this::revoke);
    }

    private Future<Answer> create(OpsCall call) {
        JsonObject body = call.body(FIELDS);
        Fields.neededName(body, "name", "A key");
        Wish blank = new Wish("", AccessRole.USER, null, false, Priority.CRITICAL);
        return auth.keys().create(wish(body, blank), call.by()).map(created -> shown(201, created));
    }

    private Future<Answer> list(OpsCall call) {
        return auth.keys().list().map(keys -> {
            JsonArray array = new JsonArray();
            keys.forEach(key -> array.add(json(key)));
            return Answer.json(new JsonObject().put("keys", array));
        });
    }

    private Future<Answer> change(OpsCall call) {
        JsonObject body = call.body(FIELDS);
        wish(body, new Wish("", AccessRole.USER, null, false, Priority.CRITICAL));
        String user = OpsCall.text(body, "user");
        Future<JsonObject> resolved = user == null
                ? Future.succeededFuture(body)
                : auth.keys().userId(user).map(id -> body.copy().put("user", id));
        return resolved.compose(
                        sound -> auth.keys().change(call.pathParameter("id"), now -> wish(sound, now), call.by()))
                .map(changed -> Answer.json(json(changed)));
    }

    private Future<Answer> rotate(OpsCall call) {
        JsonObject body = call.body(Set.of("graceSeconds"));
        Duration grace = Duration.ofSeconds(Fields.number(body, "graceSeconds", 0, 0, LONGEST_GRACE));
        return auth.keys().rotate(call.pathParameter("id"), grace, call.by()).map(created -> shown(200, created));
    }

    private Future<Answer> revoke(OpsCall call) {
        return auth.keys().revoke(call.pathParameter("id"), call.by()).map(done -> Answer.empty(Map.of()));
    }

    /** What the body says, over what is so now: a field that is absent stays, one that is null falls back. */
    private static Wish wish(JsonObject body, Wish now) {
        Scope scope = now.scope();
        String name = Fields.name(body, "name");
        return new Wish(
                name == null ? now.name() : name,
                Fields.choice(body, "role", now.role()),
                body.containsKey("user") ? OpsCall.text(body, "user") : now.user(),
                body.containsKey("team") ? Fields.name(body, "team") : now.team(),
                Fields.flag(body, "unlimited", now.unlimited()),
                Fields.choice(body, "priority", now.priority()),
                new Scope(
                        body.containsKey("models") ? Set.copyOf(Fields.names(body, "models")) : scope.models(),
                        body.containsKey("routes") ? Set.copyOf(Fields.names(body, "routes")) : scope.routes(),
                        body.containsKey("rateClass") ? Fields.name(body, "rateClass") : scope.rateClass(),
                        body.containsKey("tags") ? Fields.names(body, "tags") : scope.tags(),
                        body.containsKey("budgets") ? Fields.names(body, "budgets") : scope.budgets()),
                body.containsKey("expiresAt") ? Fields.instant(body, "expiresAt") : now.expiresAt());
    }

    private static Answer shown(int status, KeyAdmin.Created created) {
        JsonObject body = json(created.record()).put("key", created.key());
        return new Answer.Whole(
                status, body.toBuffer(), Map.of("content-type", "application/json", "cache-control", "no-store"));
    }

    private static JsonObject json(KeyRecord key) {
        Scope scope = key.scope();
        return new JsonObject()
                .put("id", key.id())
                .put("name", key.name())
                .put("role", key.role().label())
                .put("user", key.user())
                .put("team", key.team())
                .put("unlimited", key.unlimited())
                .put("priority", Labels.of(key.priority()))
                .put("models", sorted(scope.models()))
                .put("routes", sorted(scope.routes()))
                .put("rateClass", scope.rateClass())
                .put("tags", new JsonArray(scope.tags()))
                .put("budgets", new JsonArray(scope.budgets()))
                .put("createdAt", key.createdAt().toString())
                .put("createdBy", key.createdBy())
                .put("expiresAt", Fields.text(key.expiresAt()))
                .put("suspended", key.suspended())
                .put("revokedAt", Fields.text(key.revokedAt()));
    }

    private static JsonArray sorted(Set<String> names) {
        return new JsonArray(names.stream().sorted().toList());
    }
}
