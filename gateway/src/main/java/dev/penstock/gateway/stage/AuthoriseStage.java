package dev.penstock.gateway.stage;

import dev.penstock.common.contract.Priority;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.gateway.auth.Principal;
import dev.penstock.gateway.exchange.Exchange;
import dev.penstock.gateway.exchange.Step;
import dev.penstock.gateway.money.policy.CostTags;
import dev.penstock.gateway.route.RouteAccess;
import dev.penstock.gateway.route.policy.RouteTarget;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Decides what the caller may have of what it asks for. Every key may use the operations below {@code /v1}; which model
 * is asked stands in the body, so {@link #model} is called as soon as that is read, before any cache.
 */
public final class AuthoriseStage implements Stage {
    private static final String PRIORITY = "x-penstock-priority";
    private static final String TAG = "x-penstock-tag";

    @Override
    public Step enter(Exchange exchange) {
        RouteTarget upstream = exchange.upstream();
        if (upstream != null) {
            RouteAccess.check(exchange.principal(), upstream.route());
        }
        String asked = exchange.request().getHeader(PRIORITY);
        Priority ceiling = exchange.principal().priorityCeiling();
        Priority wanted = asked == null ? Priority.NORMAL : priority(asked);
        // Lower ordinals are more urgent: asking for more than the key may have gives what it may have.
        exchange.priority(wanted.compareTo(ceiling) < 0 ? ceiling : wanted);
        exchange.tags(tags(exchange));
        return Step.NEXT;
    }

    private static List<String> tags(Exchange exchange) {
        List<String> ofKey = exchange.principal().scope().tags();
        try {
            return CostTags.of(ofKey, exchange.request().getHeader(TAG));
        } catch (IllegalArgumentException e) {
            throw Fault.invalid(TAG, String.valueOf(e.getMessage()));
        }
    }

    /**
     * Refuses a model that the caller's key is not bound to.
     *
     * @param name as the caller wrote it
     */
    public static void model(Principal principal, String name) {
        if (!principal.scope().allowsModel(name)) {
            throw refused("model", "model", name);
        }
    }

    /** Refuses a plain route that the caller's key is not bound to. */
    public static void route(Principal principal, String name) {
        if (!principal.scope().allowsRoute(name)) {
            throw refused("route", null, name);
        }
    }

    private static Fault refused(String what, @Nullable String field, String name) {
        String shown = name.length() > 100 ? name.substring(0, 100) + "…" : name;
        return Fault.detailed(
                FaultCode.FORBIDDEN,
                FaultCode.FORBIDDEN.status(),
                "This key may not use the " + what + " '" + shown + "'; it is bound to others.",
                field,
                null);
    }

    private static Priority priority(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "critical" -> Priority.CRITICAL;
            case "high" -> Priority.HIGH;
            case "normal" -> Priority.NORMAL;
            case "low" -> Priority.LOW;
            default -> throw Fault.invalid(PRIORITY, "X-Penstock-Priority must be critical, high, normal or low.");
        };
    }
}
