package dev.penstock.gateway.auth;

import dev.penstock.common.fault.Fault;

/** What became of a credential. */
public sealed interface AuthResult {
    /** The credential is good. */
    record Authenticated(Principal principal) implements AuthResult {}

    /** It is not, or cannot be judged now; the fault says which and is what the caller sees. */
    record Rejected(Fault fault) implements AuthResult {}
}
