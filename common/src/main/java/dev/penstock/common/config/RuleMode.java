package dev.penstock.common.config;

/** What a matching rule does. */
public enum RuleMode {
    /** It is not looked at. */
    OFF,
    /** The request goes on; an event and a count tell of it. */
    LOG,
    /** The request is refused with 403. */
    BLOCK
}
