package dev.penstock.common.config;

/** What a caller is recognised by, to meet the same instance again. */
public enum AffinityKind {
    NONE,
    /** A signed cookie that the gateway sets. */
    COOKIE,
    /** The value of a request header. */
    HEADER,
    /** The client's address. */
    ADDRESS
}
