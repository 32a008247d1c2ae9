package dev.penstock.gateway.guard.policy;

import dev.penstock.common.contract.SecurityContract.SecurityEvent;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which security events count against the address that they came from. Pure. */
public final class Misdeeds {
    /** Refusals that are our own fault, or that honest callers run into. */
    private static final Set<String> HARMLESS = Set.of(
            "missing",
            "stale",
            "unavailable",
            "expired_session",
            "unknown_session",
            "foreign_origin",
            "expired",
            "expired_token");

    private Misdeeds() {}

    /** Null where the event is none. */
    public static @Nullable Offence of(SecurityEvent event) {
        return switch (event.kind()) {
            case AUTHENTICATION_FAILED -> HARMLESS.contains(event.detail()) ? null : Offence.FAILURES;
            case LOGIN_FAILED -> Offence.FAILURES;
            case TOKEN_REUSED -> Offence.REUSED_TOKENS;
            case REQUEST_SUSPICIOUS -> Offence.SUSPICIOUS;
            case CONTENT_REFUSED -> Offence.UPLOADS;
            default -> null;
        };
    }
}
