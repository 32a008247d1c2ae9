package dev.penstock.gateway.route;

import dev.penstock.common.config.HeaderRulesConfig;
import dev.penstock.common.unit.Secret;
import dev.penstock.gateway.route.policy.HeaderTemplate;
import dev.penstock.gateway.route.policy.HeaderTemplate.Variable;
import io.vertx.core.MultiMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The header rules of a route, read once. */
final class HeaderRules {
    private record Rule(String name, HeaderTemplate value) {}

    private final List<Rule> set;
    private final List<Rule> add;
    private final List<String> remove;

    HeaderRules(HeaderRulesConfig config) {
        this.remove = config.remove();
        this.set = rules(config.set());
        this.add = rules(config.add());
    }

    private static List<Rule> rules(Map<String, Secret> values) {
        List<Rule> rules = new ArrayList<>();
        values.forEach((name, value) -> rules.add(new Rule(name, HeaderTemplate.of(value.reveal()))));
        return List.copyOf(rules);
    }

    void apply(MultiMap headers, Function<Variable, String> values) {
        remove.forEach(headers::remove);
        for (Rule rule : set) {
            headers.set(rule.name(), rule.value().render(values));
        }
        for (Rule rule : add) {
            headers.add(rule.name(), rule.value().render(values));
        }
    }
}
