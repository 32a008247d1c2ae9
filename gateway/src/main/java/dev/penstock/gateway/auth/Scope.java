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
 * @param budgets the names of budgets that its cost is taken from, besides those that hold for everybody like it
 */
public record Scope(
        Set<String> models, Set<String> routes, @Nullable String rateClass, List<String> tags, List<String> budgets) {
    /** Bound to nothing. */
    public static final Scope OPEN = new Scope(Set.of(), Set.of(), null, List.of(), List.of());

    public Scope {
        models = Set.copyOf(models);
        routes = Set.copyOf(routes);
        tags = List.copyOf(tags);
        budgets = List.copyOf(budgets);
    }

    /** Without budgets of its own. */
    public Scope(Set<String> models, Set<String> routes, @Nullable String rateClass, List<String> tags) {
        this(models, routes, rateClass, tags, List.of());
    }

    public boolean allowsModel(String model) {
        return models.isEmpty() || models.contains(model);
    }

    public boolean allowsRoute(String route) {
        return routes.isEmpty() || routes.contains(route);
    }
}
