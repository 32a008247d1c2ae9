package dev.penstock.gateway.ops;

import dev.penstock.common.fault.Fault;
import dev.penstock.gateway.auth.AccessRole;
import dev.penstock.gateway.auth.Auth;
import dev.penstock.gateway.auth.TeamRecord;
import dev.penstock.gateway.auth.UserAdmin.TeamWish;
import dev.penstock.gateway.auth.UserAdmin.UserWish;
import dev.penstock.gateway.auth.UserRecord;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Making, listing, changing and deleting users and teams. */
final class UserOperations {
    private static final Set<String> NEW_USER = Set.of("name", "email", "password", "role", "team");
    private static final Set<String> CHANGED_USER = Set.of("name", "email", "password", "role", "team", "disabled");
    /** What mail servers take, about; whether it is somebody's only they know. */
    private static final Pattern EMAIL = Pattern.compile("[^\\s@<>\"\\p{Cntrl}]{1,64}@[^\\s@<>\"\\p{Cntrl}]{1,189}");

    private static final int PAGE = 100;
    private static final int MOST_PER_PAGE = 1_000;
    private static final int LONGEST_DESCRIPTION = 1_000;

    private final Auth auth;

    UserOperations(Auth auth) {
        this.auth = auth;
    }

    void register(Map<Operations, OperationHandler> handlers) {
        handlers.put(Operations.USER_CREATE, this::createUser);
        handlers.put(Operations.USER_LIST, this::listUsers);
        handlers.put(Operations.USER_CHANGE, this::changeUser);
        handlers.put(Operations.USER_DELETE, this::deleteUser);
        handlers.put(Operations.TEAM_CREATE, this::createTeam);
        handlers.put(Operations.TEAM_LIST, this::listTeams);
        handlers.put(Operations.TEAM_CHANGE, this::changeTeam);
        handlers.put(Operations.TEAM_DELETE, this::deleteTeam);
    }

    private Future<Answer> createUser(OpsCall call) {
        JsonObject body = call.body(NEW_USER);
        String name = Fields.neededName(body, "name", "A user");
        UserWish wish = wish(body, new UserWish(name, null, AccessRole.USER, null, false));
        return auth.users()
                .createUser(wish, OpsCall.text(body, "password"), call.by())
                .map(made -> Answer.json(201, json(made)));
    }

    private Future<Answer> listUsers(OpsCall call) {
        int limit = Fields.query(call, "limit", PAGE, MOST_PER_PAGE);
        String email = call.query("email");
        if (email != null) {
            return auth.users()
                    .findByEmail(email)
                    .map(users -> page("users", users, limit, this::json, UserRecord::name));
        }
        return auth.users()
                .listUsers(after(call), limit + 1)
                .map(users -> page("users", users, limit, this::json, UserRecord::name));
    }

    private Future<Answer> changeUser(OpsCall call) {
        JsonObject body = call.body(CHANGED_USER);
        wish(body, new UserWish("", null, AccessRole.USER, null, false));
        return auth.users()
                .changeUser(call.pathParameter("id"), now -> wish(body, now), OpsCall.text(body, "password"), call.by())
                .map(changed -> Answer.json(json(changed)));
    }

    private Future<Answer> deleteUser(OpsCall call) {
        return auth.users().deleteUser(call.pathParameter("id"), call.by()).map(done -> Answer.empty(Map.of()));
    }

    private Future<Answer> createTeam(OpsCall call) {
        JsonObject body = call.body(Set.of("name", "description"));
        String name = Fields.neededName(body, "name", "A team");
        String description = description(body);
        return auth.users()
                .createTeam(name, description == null ? "" : description, call.by())
                .map(made -> Answer.json(201, json(made)));
    }

    private Future<Answer> listTeams(OpsCall call) {
        int limit = Fields.query(call, "limit", PAGE, MOST_PER_PAGE);
        return auth.users()
                .listTeams(after(call), limit + 1)
                .map(teams -> page("teams", teams, limit, (TeamRecord team) -> json(team), TeamRecord::name));
    }

    private Future<Answer> changeTeam(OpsCall call) {
        JsonObject body = call.body(Set.of("description", "disabled"));
        String description = description(body);
        Fields.flag(body, "disabled", false);
        return auth.users()
                .changeTeam(
                        call.pathParameter("id"),
                        now -> new TeamWish(
                                description == null ? now.description() : description,
                                Fields.flag(body, "disabled", now.disabled())),
                        call.by())
                .map(changed -> Answer.json(json(changed)));
    }

    private Future<Answer> deleteTeam(OpsCall call) {
        return auth.users().deleteTeam(call.pathParameter("id"), call.by()).map(done -> Answer.empty(Map.of()));
    }

    private static UserWish wish(JsonObject body, UserWish now) {
        String name = Fields.name(body, "name");
        return new UserWish(
                name == null ? now.name() : name,
                body.containsKey("email") ? email(body) : now.email(),
                Fields.choice(body, "role", now.role()),
                body.containsKey("team") ? Fields.name(body, "team") : now.team(),
                Fields.flag(body, "disabled", now.disabled()));
    }

    private static @Nullable String email(JsonObject body) {
        String text = OpsCall.text(body, "email");
        if (text != null && !EMAIL.matcher(text).matches()) {
            throw Fault.invalid("email", "'email' must be an address such as ann@example.org.");
        }
        return text;
    }

    private static @Nullable String description(JsonObject body) {
        String text = OpsCall.text(body, "description");
        if (text != null && text.length() > LONGEST_DESCRIPTION) {
            throw Fault.invalid("description", "'description' is longer than " + LONGEST_DESCRIPTION + " characters.");
        }
        return text;
    }

    private static String after(OpsCall call) {
        String after = call.query("after");
        return after == null ? "" : after;
    }

    /** @param rows one more than asked for where there are more */
    private static <R> Answer page(
            String field, List<R> rows, int limit, Function<R, JsonObject> json, Function<R, String> position) {
        JsonArray array = new JsonArray();
        rows.stream().limit(limit).map(json).forEach(array::add);
        String next = rows.size() > limit ? position.apply(rows.get(limit - 1)) : null;
        return Answer.json(new JsonObject().put(field, array).put("next", next));
    }

    private JsonObject json(UserRecord user) {
        return new JsonObject()
                .put("id", user.id())
                .put("name", user.name())
                .put("email", auth.users().email(user))
                .put("role", user.role().label())
                .put("team", user.team())
                .put("password", user.password() != null)
                .put("disabledAt", Fields.text(user.disabledAt()))
                .put("createdAt", user.createdAt().toString())
                .put("createdBy", user.createdBy());
    }

    private static JsonObject json(TeamRecord team) {
        return new JsonObject()
                .put("name", team.name())
                .put("description", team.description())
                .put("disabledAt", Fields.text(team.disabledAt()))
                .put("createdAt", team.createdAt().toString())
                .put("createdBy", team.createdBy());
    }
}
