package dev.penstock.gateway.auth;

import java.util.Locale;

/** What a caller may do, least first: each role may do all that the roles before it may. */
public enum AccessRole {
    USER,
    ANALYST,
    ADMIN;

    /** Whether this role is enough where {@code needed} is asked for. */
    public boolean covers(AccessRole needed) {
        return compareTo(needed) >= 0;
    }

    /** As in the API and on the command line. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
