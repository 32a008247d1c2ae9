package dev.penstock.gateway.route.policy;

import dev.penstock.common.config.RouteConfig;
import dev.penstock.gateway.auth.AccessRole;
import dev.penstock.gateway.policy.OperationClass;
import java.util.List;

/**
 * One route of the configuration, as every request needs it. Immutable.
 *
 * @param limitClass whose limits hold where none have its name
 * @param role the least role of a key; of no meaning where everybody may call
 */
public record PlainRoute(RouteConfig config, OperationClass limitClass, AccessRole role, PathRewrite rewrite) {
    private static final List<String> NEVER = List.of("CONNECT", "TRACE");

    public static PlainRoute of(RouteConfig config) {
        return new PlainRoute(
                config,
                OperationClass.valueOf(config.limitClass().name()),
                AccessRole.valueOf(config.auth().role().name()),
                new PathRewrite(
                        config.prefix(), config.path().strip(), config.path().replace()));
    }

    public String name() {
        return config.name();
    }

    public boolean open() {
        return config.auth().open();
    }

    /** Whether a method is let through. HEAD goes with GET. */
    public boolean takes(String method) {
        if (NEVER.contains(method)) {
            return false;
        }
        List<String> methods = config.methods();
        return methods.isEmpty() || methods.contains(method) || (method.equals("HEAD") && methods.contains("GET"));
    }

    /** For {@code Allow}. */
    public String allowed() {
        return config.methods().isEmpty()
                ? "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
                : String.join(", ", config.methods());
    }
}
