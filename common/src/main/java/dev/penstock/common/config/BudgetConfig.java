package dev.penstock.common.config;

import dev.penstock.common.unit.Money;
import java.util.List;

/** What a key, a user, a team or a tag may spend in a period. */
public record BudgetConfig(
        @Setting(doc = "Name, unique among all budgets, those made through the API included.", value = Setting.REQUIRED)
        String name,

        @Setting(doc = "Whose money it is.", value = Setting.REQUIRED)
        Scope scope,

        @Setting(doc = "Id of the key, name of the user or team, or the tag; empty for the scope `all`.")
        String subject,

        @Setting(doc = "When it begins anew; UTC, weeks begin on Monday.", value = "month")
        Period period,

        @Setting(doc = "The most that may be spent in a period.", value = Setting.REQUIRED, min = 0)
        Money limit,

        @Setting(doc = "Whether calls that would exceed it are refused; else people are told only.", value = "true")
        boolean hard,

        @Setting(doc = "Per cent of the limit at which people are told.", value = "50,80,100", min = 1, max = 1000)
        List<Integer> alertAt) {
    /** Whose spending counts. */
    public enum Scope {
        KEY,
        USER,
        TEAM,
        TAG,
        /** Everything that this installation spends. */
        ALL
    }

    /** How long a budget lasts. */
    public enum Period {
        DAY,
        WEEK,
        MONTH,
        /** Never begins anew. */
        TOTAL
    }

    public BudgetConfig {
        alertAt = List.copyOf(alertAt);
    }
}
