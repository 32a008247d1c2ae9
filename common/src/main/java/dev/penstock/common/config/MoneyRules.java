package dev.penstock.common.config;

import dev.penstock.common.config.BudgetConfig.Scope;
import dev.penstock.common.config.ConfigRules.Violation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** What must hold of prices and budgets. Pure. */
final class MoneyRules {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
    private static final int MOST_BUDGETS = 1000;
    private static final int MOST_THRESHOLDS = 10;

    private final List<Violation> violations = new ArrayList<>();

    private MoneyRules() {}

    static List<Violation> check(PenstockConfig config) {
        MoneyRules rules = new MoneyRules();
        rules.prices(config);
        rules.budgets(config.budgets());
        return rules.violations;
    }

    /** A price of a model that the file does not name is fine: environment and sandbox bring models of their own. */
    private void prices(PenstockConfig config) {
        Set<List<String>> seen = new HashSet<>();
        for (int i = 0; i < config.prices().size(); i++) {
            PriceConfig price = config.prices().get(i);
            String path = "prices[" + i + "]";
            if (!seen.add(List.of(price.model(), price.instance()))) {
                add(path + ".model", "this model has a price already", "Remove one of the two");
            }
            Optional<ModelConfig> model = config.model(price.model());
            if (!config.models().isEmpty() && model.isEmpty()) {
                add(path + ".model", "there is no model of that name", "Write a name as in models");
            }
            if (model.isPresent()
                    && !price.instance().isEmpty()
                    && model.get().instances().stream()
                            .noneMatch(each -> each.name().equals(price.instance()))) {
                add(path + ".instance", "the model has no instance of that name", "Write a name as in its instances");
            }
        }
    }

    private void budgets(List<BudgetConfig> budgets) {
        if (budgets.size() > MOST_BUDGETS) {
            add("budgets", "there are more than " + MOST_BUDGETS + " budgets", "Remove some");
        }
        Map<String, Integer> names = new HashMap<>();
        for (int i = 0; i < budgets.size(); i++) {
            BudgetConfig budget = budgets.get(i);
            String path = "budgets[" + i + "]";
            if (!NAME.matcher(budget.name()).matches()) {
                add(
                        path + ".name",
                        "a budget's name may not be that",
                        "Use up to 64 letters, digits and . _ -, beginning with a letter or digit");
            }
            Integer first = names.putIfAbsent(budget.name(), i);
            if (first != null) {
                add(path + ".name", "this is already the name of budgets[" + first + "]", "Give it another name");
            }
            if (budget.subject().isEmpty() != (budget.scope() == Scope.ALL)) {
                add(
                        path + ".subject",
                        budget.scope() == Scope.ALL
                                ? "the scope all has no subject"
                                : "it must be said whose budget it is",
                        budget.scope() == Scope.ALL
                                ? "Remove it"
                                : "Write the key's id, the user, the team or the tag");
            }
            if (budget.alertAt().size() > MOST_THRESHOLDS) {
                add(path + ".alert-at", "there are more than " + MOST_THRESHOLDS + " thresholds", "Remove some");
            }
        }
    }

    private void add(String path, String problem, String fix) {
        violations.add(new Violation(path, problem, fix));
    }
}
