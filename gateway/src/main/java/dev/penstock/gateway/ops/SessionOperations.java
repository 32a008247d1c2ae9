package dev.penstock.gateway.ops;

import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.gateway.auth.Auth;
import dev.penstock.gateway.auth.Principal;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.util.Map;

/** The browser's session: a key or token turned into a cookie that scripts cannot read. */
final class SessionOperations {
    private static final String COOKIE = "penstock_session";

    private final Auth auth;

    SessionOperations(Auth auth) {
        this.auth = auth;
    }

    void register(Map<Operations, OperationHandler> handlers) {
        handlers.put(Operations.SESSION_CREATE, this::create);
        handlers.put(Operations.SESSION_READ, call -> Future.succeededFuture(Answer.json(who(call.principal()))));
        handlers.put(Operations.SESSION_DELETE, this::delete);
    }

    /** Asks for the key itself: a session that could prolong itself would never end. */
    private Future<Answer> create(OpsCall call) {
        HttpServerRequest request = call.request();
        if (!request.headers().contains("authorization") && !request.headers().contains("x-api-key")) {
            return Future.failedFuture(Fault.of(
                    FaultCode.UNAUTHENTICATED,
                    "Send the key or token as 'Authorization: Bearer …' to begin a session."));
        }
        String cookie = cookie(
                request, auth.session(call.principal()), auth.sessionLength().toSeconds());
        return Future.succeededFuture(new Answer.Whole(
                200,
                who(call.principal()).toBuffer(),
                Map.of("content-type", "application/json", "set-cookie", cookie)));
    }

    private Future<Answer> delete(OpsCall call) {
        return Future.succeededFuture(Answer.empty(Map.of("set-cookie", cookie(call.request(), "", 0))));
    }

    static JsonObject who(Principal principal) {
        return new JsonObject()
                .put("role", principal.role().label())
                .put("team", principal.team())
                .put("name", principal.name())
                .put("user", principal.user());
    }

    static String cookie(HttpServerRequest request, String value, long maxAge) {
        boolean secure = request.isSSL() || "https".equalsIgnoreCase(request.getHeader("x-forwarded-proto"));
        return COOKIE + '=' + value + "; Max-Age=" + maxAge + "; Path=/; HttpOnly; SameSite=Strict"
                + (secure ? "; Secure" : "");
    }
}
