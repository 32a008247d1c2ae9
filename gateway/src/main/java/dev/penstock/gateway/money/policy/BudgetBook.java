package dev.penstock.gateway.money.policy;

import dev.penstock.common.config.BudgetConfig.Scope;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** All budgets, found by who spends. The file owns what it names. Immutable. */
public final class BudgetBook {
    public static final BudgetBook EMPTY = new BudgetBook(Map.of(), List.of());

    private final Map<String, Budget> byName;
    private final Map<String, List<Budget>> bySubject = new HashMap<>();
    private final List<String> clashes;

    private BudgetBook(Map<String, Budget> byName, List<String> clashes) {
        this.byName = byName;
        this.clashes = List.copyOf(clashes);
        byName.values()
                .forEach(budget -> bySubject
                        .computeIfAbsent(place(budget.scope(), budget.subject()), key -> new ArrayList<>(1))
                        .add(budget));
    }

    /** @param made those of the API; one with a name of the file's is left out and named by {@link #clashes} */
    public static BudgetBook of(List<Budget> ofFile, List<Budget> made) {
        Map<String, Budget> all = new LinkedHashMap<>();
        ofFile.forEach(budget -> all.put(budget.name(), budget));
        List<String> clashes = new ArrayList<>();
        for (Budget budget : made) {
            if (all.putIfAbsent(budget.name(), budget) != null) {
                clashes.add(budget.name());
            }
        }
        return new BudgetBook(all, clashes);
    }

    public List<Budget> all() {
        return List.copyOf(byName.values());
    }

    public @Nullable Budget named(String name) {
        return byName.get(name);
    }

    /** Names that the file and the API both gave. */
    public List<String> clashes() {
        return clashes;
    }

    /** The budgets that pay for that caller. */
    public List<Budget> paying(Spender spender) {
        if (byName.isEmpty()) {
            return List.of();
        }
        List<Budget> found = new ArrayList<>(4);
        add(found, Scope.ALL, "");
        add(found, Scope.KEY, spender.keyId());
        if (spender.user() != null) {
            add(found, Scope.USER, spender.user());
        }
        if (spender.team() != null) {
            add(found, Scope.TEAM, spender.team());
        }
        spender.tags().forEach(tag -> add(found, Scope.TAG, tag));
        return found;
    }

    private void add(List<Budget> found, Scope scope, String subject) {
        found.addAll(bySubject.getOrDefault(place(scope, subject), List.of()));
    }

    private static String place(Scope scope, String subject) {
        return scope.name() + ':' + subject;
    }
}
