package dev.penstock.common.config;

/** Whose calls are counted together under a limit. */
public enum LimitScope {
    /** Each key; callers of public operations each by their address. */
    KEY,
    /** Each person, whatever key is used. */
    USER,
    /** Each team, all its keys together. */
    TEAM,
    /** Each address of a caller. */
    ADDRESS,
    /** Each model, all callers together. */
    MODEL,
    /** Each route or operation, all callers together. */
    ROUTE
}
