package dev.penstock.gateway.route;

import dev.penstock.common.contract.Priority;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.gateway.auth.AccessRole;
import dev.penstock.gateway.auth.Principal;
import dev.penstock.gateway.auth.Scope;
import dev.penstock.gateway.http.ClientAddress;
import dev.penstock.gateway.route.policy.PlainRoute;
import io.vertx.core.http.HttpServerRequest;

/** Who may call a plain route. */
public final class RouteAccess {
    private RouteAccess() {}

    /** Somebody who need not say who they are: counted by address. */
    public static Principal anybody(HttpServerRequest request) {
        String id = "address:" + ClientAddress.of(request);
        return new Principal(id, id, AccessRole.USER, null, null, id, false, Priority.NORMAL, Scope.OPEN);
    }

    /** @throws Fault 403 where the caller's role or the scope of its key does not reach */
    public static void check(Principal caller, PlainRoute route) {
        if (!caller.role().covers(route.role()) && !route.open()) {
            throw Fault.of(
                    FaultCode.FORBIDDEN,
                    "The route '" + route.name() + "' needs the role "
                            + route.role().label() + "; this key has "
                            + caller.role().label() + ".");
        }
        if (!caller.scope().allowsRoute(route.name())) {
            throw Fault.of(FaultCode.FORBIDDEN, "This key may not call the route '" + route.name() + "'.");
        }
    }
}
