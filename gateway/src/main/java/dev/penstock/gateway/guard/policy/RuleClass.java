package dev.penstock.gateway.guard.policy;

import java.util.Locale;

/** Kinds of attack that rules look for. */
public enum RuleClass {
    SQL,
    SCRIPT,
    TRAVERSAL,
    COMMAND,
    SPLIT;

    /** As in the configuration and in labels. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
