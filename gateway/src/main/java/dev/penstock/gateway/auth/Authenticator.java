package dev.penstock.gateway.auth;

import io.vertx.core.http.HttpServerRequest;

/**
 * Says who calls. Answers from memory at once, so that a near-cache hit never waits: what is not in memory is refused
 * with the time to come back. Safe for use by many event loops.
 */
@FunctionalInterface
public interface Authenticator {
    /** Reads the credential in the request's headers; never touches its body. */
    AuthResult authenticate(HttpServerRequest request);
}
