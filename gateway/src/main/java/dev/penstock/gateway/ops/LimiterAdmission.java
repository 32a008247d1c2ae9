package dev.penstock.gateway.ops;

import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.gateway.auth.Principal;
import dev.penstock.gateway.http.ClientAddress;
import dev.penstock.gateway.limit.Allowance;
import dev.penstock.gateway.limit.Caller;
import dev.penstock.gateway.limit.Limiter;
import dev.penstock.gateway.policy.OperationClass;
import dev.penstock.gateway.policy.WindowSet.Decision;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Counts operations by key, or by address where nobody says who they are. */
public final class LimiterAdmission implements Admission {
    /** Told of each refusal: the class and the window that was full. */
    public interface Refusals {
        void limited(OperationClass operationClass, String window);
    }

    private final Limiter limiter;
    private final Refusals refusals;

    public LimiterAdmission(Limiter limiter, Refusals refusals) {
        this.limiter = limiter;
        this.refusals = refusals;
    }

    @Override
    public Future<Void> admit(Operations operation, HttpServerRequest request, @Nullable Principal principal) {
        if (principal != null && principal.unlimited()) {
            return Future.succeededFuture();
        }
        String address = ClientAddress.group(request);
        Caller caller = principal == null ? Caller.at(address) : Caller.of(principal, address);
        Allowance allowance = limiter.allowance(
                caller, operation.limit().label(), operation.limit().operationClass());
        if (allowance == null) {
            return Future.succeededFuture();
        }
        Decision known = allowance.now();
        OperationClass counted = operation.limit().operationClass();
        return known != null
                ? judge(known, counted, request)
                : allowance.ask().compose(decision -> judge(decision, counted, request));
    }

    private Future<Void> judge(Decision decision, OperationClass counted, HttpServerRequest request) {
        request.response()
                .putHeader("x-ratelimit-window", decision.window())
                .putHeader(
                        "ratelimit-policy",
                        '"' + decision.window() + "\";q=" + decision.limit() + ";w=" + seconds(decision.window()))
                .putHeader(
                        "ratelimit",
                        '"' + decision.window() + "\";r=" + decision.remaining() + ";t="
                                + (decision.resetMillis() + 999) / 1000);
        if (!decision.admitted()) {
            refusals.limited(counted, decision.window());
        }
        return decision.admitted()
                ? Future.succeededFuture()
                : Future.failedFuture(Fault.retryLater(
                        FaultCode.RATE_LIMITED,
                        "More than " + decision.limit() + " calls in one " + decision.window() + ".",
                        Duration.ofMillis(decision.retryMillis())));
    }

    /** The length of a window, in seconds. */
    private static int seconds(String window) {
        return switch (window) {
            case "second" -> 1;
            case "minute" -> 60;
            case "hour" -> 3_600;
            default -> 86_400;
        };
    }
}
