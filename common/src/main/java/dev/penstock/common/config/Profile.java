package dev.penstock.common.config;

/** What an installation is for. */
public enum Profile {
    DEVELOPMENT,
    STAGING,
    /** Weak secrets are refused. */
    PRODUCTION
}
