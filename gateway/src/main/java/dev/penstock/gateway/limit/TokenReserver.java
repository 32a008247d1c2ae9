package dev.penstock.gateway.limit;

import dev.penstock.common.contract.Usage;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.gateway.exchange.Estimate;
import dev.penstock.gateway.exchange.Exchange;
import dev.penstock.gateway.exchange.Reservation;
import dev.penstock.gateway.exchange.Reserver;
import dev.penstock.gateway.http.ClientAddress;
import dev.penstock.gateway.http.ErrorBody;
import dev.penstock.gateway.limit.LimitScript.Part;
import dev.penstock.gateway.limit.LimitScript.Reply;
import dev.penstock.gateway.policy.LimitRule;
import dev.penstock.gateway.policy.WindowSet.Decision;
import dev.penstock.gateway.policy.WindowSet.Limit;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Counts tokens, and the requests of rules that go by model, before work is sent: the estimate is set aside and replaced by
 * what was used. One call of Redis for all rules. What was used beyond the estimate counts as well, so later calls wait
 * longer. Safe for many event loops.
 */
public final class TokenReserver implements Reserver {
    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final long MICROS_PER_MILLI = 1_000;

    private final Limiter limiter;

    public TokenReserver(Limiter limiter) {
        this.limiter = limiter;
    }

    /** @param tokens whether it counts tokens rather than requests */
    private record Counted(Counter counter, boolean tokens) {}

    /** Who calls, as limits know it. */
    static Caller caller(Exchange exchange) {
        return Caller.of(exchange.principal(), ClientAddress.group(exchange.request()));
    }

    @Override
    public Future<Reservation> reserve(Exchange exchange, Estimate estimate) {
        if (exchange.principal().unlimited()) {
            return Future.succeededFuture(Reservation.NONE);
        }
        List<Counted> counted = counted(exchange);
        if (counted.isEmpty()) {
            return Future.succeededFuture(Reservation.NONE);
        }
        long tokens = Math.max(1, estimate.total());
        if (!limiter.counted()) {
            return alone(exchange, counted, tokens);
        }
        List<Part> parts = counted.stream()
                .map(one -> Part.of(one.counter(), one.tokens() ? tokens : 1))
                .toList();
        return limiter.ask(parts, 1, 1, 0)
                .compose(reply -> answered(exchange, counted, tokens, reply), away -> alone(exchange, counted, tokens));
    }

    private List<Counted> counted(Exchange exchange) {
        Caller caller = caller(exchange);
        String operation = exchange.route().operation();
        String model = exchange.model().name();
        List<Counted> counted = new ArrayList<>();
        for (LimitRule rule :
                limiter.workRules(caller, operation, exchange.route().operationClass(), model)) {
            String subject = Limiter.subject(rule.scope(), caller, operation, model);
            if (subject == null) {
                continue;
            }
            if (Limiter.countsAtWork(rule, model) && !rule.requests().isEmpty()) {
                counted.add(new Counted(limiter.counter(rule, subject, ":requests", rule.requests()), false));
            }
            if (!rule.tokens().isEmpty()) {
                counted.add(new Counted(limiter.counter(rule, subject, ":tokens", rule.tokens()), true));
            }
        }
        return counted;
    }

    private Future<Reservation> answered(Exchange exchange, List<Counted> counted, long tokens, Reply reply) {
        Counted tightest = counted.get(reply.part());
        Limit limit = tightest.counter().limits().get(reply.limit());
        boolean admitted = reply.admitted() > 0;
        long remaining = reply.remaining() * (tightest.tokens() ? tokens : 1);
        Decision decision = new Decision(
                admitted, limit.most(), remaining, reply.resetMillis(), reply.waitMillis(), limit.window());
        if (!admitted) {
            return refused(exchange, tightest, decision, tokens);
        }
        long here = limiter.nanos() / NANOS_PER_MILLI;
        counted.forEach(one -> one.counter().note(here, here, one.tokens() ? tokens : 1));
        return taken(exchange, counted, tightest, decision, tokens, reply.micros(), here);
    }

    /** Each gateway's share decides while Redis is away. */
    private Future<Reservation> alone(Exchange exchange, List<Counted> counted, long tokens) {
        long here = limiter.nanos() / NANOS_PER_MILLI;
        int gateways = limiter.gateways();
        Counted tightest = counted.getFirst();
        Decision least = null;
        for (int i = 0; i < counted.size(); i++) {
            Counted one = counted.get(i);
            Decision decision = one.counter().decide(here, one.tokens() ? tokens : 1, gateways, limiter.shared());
            if (!decision.admitted()) {
                counted.subList(0, i).forEach(earlier -> earlier.counter().undo(here, earlier.tokens() ? tokens : 1));
                return refused(exchange, one, decision, tokens);
            }
            if (least == null || (one.tokens() && !tightest.tokens()) || decision.remaining() < least.remaining()) {
                tightest = one;
                least = decision;
            }
        }
        return least == null
                ? Future.succeededFuture(Reservation.NONE)
                : taken(exchange, counted, tightest, least, tokens, 0, here);
    }

    private Future<Reservation> taken(
            Exchange exchange,
            List<Counted> counted,
            Counted tightest,
            Decision decision,
            long tokens,
            long micros,
            long here) {
        if (tightest.tokens()) {
            exchange.tokenLimit(decision);
        }
        List<Counter> settled =
                counted.stream().filter(Counted::tokens).map(Counted::counter).toList();
        return Future.succeededFuture(used -> settle(settled, used, tokens, micros, here));
    }

    private Future<Reservation> refused(Exchange exchange, Counted by, Decision decision, long tokens) {
        if (by.tokens()) {
            exchange.tokenLimit(decision);
        } else {
            exchange.limit(decision);
        }
        String what = by.tokens() ? "tokens" : "requests";
        String limit = "Rate limit reached: " + decision.limit() + " " + what + " per " + decision.window();
        if (decision.retryMillis() == Decision.NEVER) {
            // No wait helps, so it is no 429, which clients would repeat.
            return Future.failedFuture(Fault.of(
                    FaultCode.TOO_LARGE,
                    "This request needs about " + tokens + " tokens, but the limit is " + decision.limit() + " per "
                            + decision.window() + ": shorten it, or lower its max_tokens."));
        }
        return Future.failedFuture(Fault.detailed(
                FaultCode.RATE_LIMITED,
                FaultCode.RATE_LIMITED.status(),
                limit + (by.tokens() ? "; this request needs about " + tokens + "." : " for this model."),
                by.tokens() ? ErrorBody.TOKENS : null,
                Duration.ofMillis(decision.retryMillis())));
    }

    private void settle(List<Counter> counters, Usage used, long tokens, long micros, long here) {
        long correction = used.total() - tokens;
        if (correction == 0 || counters.isEmpty()) {
            return;
        }
        long now = limiter.nanos() / NANOS_PER_MILLI;
        List<Part> parts = new ArrayList<>(counters.size());
        for (Counter counter : counters) {
            if (correction < 0) {
                counter.giveBack(now, here, here, -correction);
            } else {
                counter.note(now, now, correction);
            }
            parts.add(new Part(counter, 1, correction, micros / MICROS_PER_MILLI, micros));
        }
        if (micros > 0 && limiter.counted()) {
            // A failure is counted; where it was a give-back the caller waits longer, where it was more it is told
            // later.
            limiter.ask(parts, 0, 0, 0);
        } else {
            counters.forEach(counter -> counter.tell(correction));
        }
    }
}
