package dev.penstock.gateway.ops;

import dev.penstock.common.fault.Fault;
import dev.penstock.gateway.auth.Auth;
import dev.penstock.gateway.auth.Caller;
import dev.penstock.gateway.auth.Logins;
import dev.penstock.gateway.http.ClientAddress;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.Set;

/** Signing in with name and password, renewing the tokens, signing out. */
final class LoginOperations {
    private final Auth auth;

    LoginOperations(Auth auth) {
        this.auth = auth;
    }

    void register(Map<Operations, OperationHandler> handlers) {
        handlers.put(Operations.LOGIN, this::login);
        handlers.put(Operations.TOKEN_REFRESH, this::refresh);
        handlers.put(Operations.LOGOUT, this::logout);
    }

    private Future<Answer> login(OpsCall call) {
        JsonObject body = call.body(Set.of("name", "password"));
        return auth.logins()
                .login(needed(body, "name"), needed(body, "password"), anonymous(call))
                .map(LoginOperations::issued);
    }

    private Future<Answer> refresh(OpsCall call) {
        JsonObject body = call.body(Set.of("refreshToken"));
        return auth.logins()
                .refresh(needed(body, "refreshToken"), anonymous(call))
                .map(LoginOperations::issued);
    }

    private Future<Answer> logout(OpsCall call) {
        boolean all = Fields.flag(call.body(Set.of("all")), "all", false);
        return auth.logins()
                .logout(call.principal(), all, call.by())
                .map(done -> Answer.empty(Map.of("set-cookie", SessionOperations.cookie(call.request(), "", 0))));
    }

    private static String needed(JsonObject body, String field) {
        String text = OpsCall.text(body, field);
        if (text == null || text.isEmpty()) {
            throw Fault.invalid(field, "'" + field + "' must be given.");
        }
        return text;
    }

    private static Caller anonymous(OpsCall call) {
        return new Caller("anonymous", ClientAddress.of(call.request()), call.context());
    }

    private static Answer issued(Logins.Issued issued) {
        JsonObject body = new JsonObject()
                .put("accessToken", issued.access())
                .put("tokenType", "Bearer")
                .put("expiresIn", issued.accessLife().toSeconds())
                .put("refreshToken", issued.refresh())
                .put("refreshExpiresIn", issued.refreshLife().toSeconds())
                .put("user", SessionOperations.who(issued.principal()));
        return new Answer.Whole(
                200, body.toBuffer(), Map.of("content-type", "application/json", "cache-control", "no-store"));
    }
}
