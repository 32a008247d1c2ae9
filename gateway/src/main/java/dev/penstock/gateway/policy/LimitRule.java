package dev.penstock.gateway.policy;

import dev.penstock.common.config.LimitScope;
import dev.penstock.gateway.policy.WindowSet.Limit;
import java.util.List;

/**
 * What holds for one kind of subject under one name. Immutable.
 *
 * @param name what calls are counted under: a class, an operation, a route, a model, {@code all}
 * @param requests limits of calls; empty where none are counted
 * @param tokens limits of tokens; empty where none are counted
 * @param concurrent most calls to models under way; 0 for no limit
 */
public record LimitRule(LimitScope scope, String name, List<Limit> requests, List<Limit> tokens, long concurrent) {
    public LimitRule {
        requests = List.copyOf(requests);
        tokens = List.copyOf(tokens);
    }

    /** Whether anything about a call to a model is limited beyond the number of requests. */
    public boolean limitsWork() {
        return !tokens.isEmpty() || concurrent > 0;
    }
}
