package dev.penstock.gateway.ops;

import dev.penstock.common.config.LimitClassConfig;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.gateway.auth.Principal;
import dev.penstock.gateway.http.ClientAddress;
import dev.penstock.gateway.limit.Limiter;
import dev.penstock.gateway.policy.OperationClass;
import dev.penstock.gateway.policy.WindowSet.Decision;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Counts operations by key, or by address where nobody says who they are. */
public final class LimiterAdmission implements Admission {
    private final Limiter limiter;

    /** @param limiter made with {@link #limits}, so that it knows the operations' own limits */
    public LimiterAdmission(Limiter limiter) {
        this.limiter = limiter;
    }

    /** The limits that operations have of their own, and after them the configuration's, which win. */
    public static List<LimitClassConfig> limits(List<LimitClassConfig> configured) {
        List<LimitClassConfig> all = new ArrayList<>();
        for (Operations.Limit own : Operations.Limit.values()) {
            boolean shared = own == Operations.Limit.ADMIN || own == Operations.Limit.DEFAULT;
            if (own != Operations.Limit.NONE && !shared) {
                all.add(new LimitClassConfig(own.label(), own.perMinute(), own.perHour(), own.perDay()));
            }
        }
        all.addAll(configured);
        return all;
    }

    @Override
    public Future<Void> admit(Operations operation, HttpServerRequest request, @Nullable Principal principal) {
        if (principal != null && principal.unlimited()) {
            return Future.succeededFuture();
        }
        String subject = principal == null ? "address:" + ClientAddress.of(request) : principal.keyId();
        OperationClass fallback =
                operation.limit() == Operations.Limit.ADMIN ? OperationClass.ADMIN : OperationClass.DEFAULT;
        return limiter.decide(subject, operation.limit().label(), fallback)
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
