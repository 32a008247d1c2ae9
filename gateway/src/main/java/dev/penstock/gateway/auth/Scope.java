package dev.penstock.gateway.auth;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a credential is bound to beyond its role. Immutable.
 *
 * @param models the models that it may name; empty means all
 * @param routes the names of the plain routes that it may call; empty means all
 * @param rateClass the class of limits that replaces the operations' own; null where those hold
 * @param tags what its cost is counted under
 */
public record Scope(
        Set<String> models, Set<String> routes, @Nullable String rateClass, List<String> tags) {
    /** Bound to nothing. */
    public static final Scope OPEN = new Scope(Set.of(), Set.of(), null, List.of());

    public Scope {
        models = Set.copyOf(models);
        routes = Set.copyOf(routes);
        tags = List.copyOf(tags);
    }

    public boolean allowsModel(String model) {
        return models.isEmpty() || models.contains(model);
    }

    public boolean allowsRoute(String route) {
        return routes.isEmpty() || routes.contains(route);
    }
}
