package dev.penstock.gateway.ops;

import dev.penstock.gateway.auth.AccessRole;
import dev.penstock.gateway.exchange.Route;
import dev.penstock.gateway.openapi.Described;
import java.util.ArrayList;
import java.util.List;

/** The table of the AI API as the API's description wants it. */
final class AiDescriptions {
    private AiDescriptions() {}

    static List<Described> all() {
        List<Described> all = new ArrayList<>();
        for (Route route : Route.values()) {
            if (route.pattern().startsWith("/v1/") && !route.pattern().endsWith("*")) {
                all.add(new Described(
                        route.name(),
                        route.method(),
                        route.pattern(),
                        AccessRole.USER.label(),
                        route.operationClass().label(),
                        "",
                        "AI"));
            }
        }
        return all;
    }
}
