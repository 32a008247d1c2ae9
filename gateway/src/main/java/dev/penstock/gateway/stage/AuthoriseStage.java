package dev.penstock.gateway.stage;

import dev.penstock.common.contract.Priority;
import dev.penstock.common.fault.Fault;
import dev.penstock.gateway.exchange.Exchange;
import dev.penstock.gateway.exchange.Step;
import java.util.Locale;

/** Decides what the caller may have of what it asks for. Every key may use the operations below {@code /v1}. */
public final class AuthoriseStage implements Stage {
    private static final String PRIORITY = "x-penstock-priority";

    @Override
    public Step enter(Exchange exchange) {
        String asked = exchange.request().getHeader(PRIORITY);
        Priority ceiling = exchange.principal().priorityCeiling();
        Priority wanted = asked == null ? Priority.NORMAL : priority(asked);
        // Lower ordinals are more urgent: asking for more than the key may have gives what it may have.
        exchange.priority(wanted.compareTo(ceiling) < 0 ? ceiling : wanted);
        return Step.NEXT;
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
