package dev.penstock.gateway.ops;

import dev.penstock.gateway.auth.Principal;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;
import org.jspecify.annotations.Nullable;

/** Whether a caller may call an operation once more. The seam to the gateway's limits. */
@FunctionalInterface
public interface Admission {
    /** Lets everybody in. */
    Admission OPEN = (operation, request, principal) -> Future.succeededFuture();

    /**
     * Counts the call. May add headers to the response.
     *
     * @param principal null for public operations: then the address is counted
     * @return failed with {@code RATE_LIMITED} and the time to come back where the limit is used up
     */
    Future<Void> admit(Operations operation, HttpServerRequest request, @Nullable Principal principal);
}
