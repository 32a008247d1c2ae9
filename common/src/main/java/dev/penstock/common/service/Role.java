package dev.penstock.common.service;

import java.util.Locale;

/** The five services. A process plays one role (clustered) or all (standalone). */
public enum Role {
    GATEWAY,
    CACHE,
    BATCHING,
    MONITOR,
    ALERT;

    /** As on the command line, in health and in labels: {@code gateway}, {@code cache} … */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
