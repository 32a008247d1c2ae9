package dev.penstock.gateway.guard.policy;

import java.util.Locale;

/** What an address can be blocked for. */
public enum Offence {
    /** Refused keys, tokens or passwords. */
    FAILURES,
    /** A path that only a scanner asks for. */
    PROBES,
    /** A path that nothing serves, each counted once. */
    UNKNOWN_PATHS,
    /** A rule matched. */
    SUSPICIOUS,
    /** A refused upload. */
    UPLOADS,
    /** A token that had been used before. */
    REUSED_TOKENS;

    /** As in labels and in the table. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
