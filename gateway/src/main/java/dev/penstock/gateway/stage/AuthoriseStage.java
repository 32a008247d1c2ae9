package dev.penstock.gateway.stage;

import dev.penstock.common.contract.Priority;
import dev.penstock.common.fault.Fault;
import dev.penstock.gateway.exchange.Exchange;
import dev.penstock.gateway.exchange.Step;
import dev.penstock.gateway.money.policy.CostTags;
import dev.penstock.gateway.route.RouteAccess;
import dev.penstock.gateway.route.policy.RouteTarget;
import java.util.List;
import java.util.Locale;

/** Decides what the caller may have of what it asks for. Every key may use the operations below {@code /v1}. */
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
