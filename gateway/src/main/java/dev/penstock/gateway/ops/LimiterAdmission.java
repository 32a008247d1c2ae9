package dev.penstock.gateway.ops;

import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.gateway.auth.Principal;
import dev.penstock.gateway.http.ClientAddress;
import dev.penstock.gateway.limit.Limiter;
import dev.penstock.gateway.policy.WindowSet.Decision;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Counts operations by key, or by address where nobody says who they are. */
public final class LimiterAdmission implements Admission {
    private final Limiter limiter;

    public LimiterAdmission(Limiter limiter) {
        this.limiter = limiter;
    }

    @Override
    public Future<Void> admit(Operations operation, HttpServerRequest request, @Nullable Principal principal) {
        if (principal != null && principal.unlimited()) {
            return Future.succeededFuture();
        }
        String subject = principal == null ? "address:" + ClientAddress.of(request) : principal.keyId();
        return limiter.decide(
                        subject, operation.limit().label(), operation.limit().operationClass())
                .compose(decision -> decision == null ? Future.succeededFuture() : judge(decision, request));
    }

    private static Future<Void> judge(Decision decision, HttpServerRequest request) {
        request.response()
                .putHeader("ratelimit-policy", '"' + decision.window() + "\";q=" + decision.limit())
                .putHeader(
                        "ratelimit",
                        '"' + decision.window() + "\";r=" + decision.remaining() + ";t="
                                + (decision.resetMillis() + 999) / 1000);
        return decision.admitted()
                ? Future.succeededFuture()
                : Future.failedFuture(Fault.retryLater(
                        FaultCode.RATE_LIMITED,
                        "More than " + decision.limit() + " calls in one " + decision.window() + ".",
                        Duration.ofMillis(decision.retryMillis())));
    }
}
