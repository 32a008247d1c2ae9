package dev.penstock.gateway.money;

import dev.penstock.common.contract.Usage;
import dev.penstock.gateway.auth.Principal;
import dev.penstock.gateway.exchange.Estimate;
import dev.penstock.gateway.exchange.Exchange;
import dev.penstock.gateway.exchange.Route;
import dev.penstock.gateway.exchange.Slot;
import dev.penstock.gateway.money.UsageOutcome.End;
import dev.penstock.gateway.money.policy.Price;
import dev.penstock.gateway.money.policy.PriceList;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Writes down what every attempt used and cost. The intent is in the spool before the backend is asked, so that an attempt
 * is accounted for whatever happens to this process. Safe for many event loops; never waits.
 */
public final class UsageLedger {
    private volatile PriceList prices;
    private final Estimator estimator;
    private final MoneyMetrics metrics;
    private final Clock clock;
    private final String boot;
    private final AtomicLong numbers = new AtomicLong();
    private volatile @Nullable UsageSpool spool;
    private volatile Day day = new Day(0, "");

    private record Day(long number, String digits) {}

    /** @param boot names this start of this process: unique among all that ever were */
    public UsageLedger(PriceList prices, Estimator estimator, MoneyMetrics metrics, Clock clock, String boot) {
        this.prices = prices;
        this.estimator = estimator;
        this.metrics = metrics;
        this.clock = clock;
        this.boot = boot;
    }

    /** What ends from now on is priced by these. */
    void prices(PriceList next) {
        prices = next;
    }

    void spool(UsageSpool opened) {
        spool = opened;
    }

    /**
     * An attempt is about to be made.
     *
     * @param instance empty where batching-service will choose it
     * @param attempt from 1
     */
    public Attempt begin(Exchange exchange, String instance, int attempt) {
        Estimate estimate =
                exchange.route() == Route.EMBEDDINGS ? estimator.estimate(exchange) : estimator.attempt(exchange);
        return begin(exchange, instance, attempt, estimate);
    }

    /** As {@link #begin(Exchange, String, int)}, with what it will probably use. */
    public Attempt begin(Exchange exchange, String instance, int attempt, Estimate estimate) {
        long now = clock.millis();
        Principal caller = exchange.principal();
        Usage usage = Usage.of(estimate.inputTokens(), estimate.outputTokens(), true);
        String model = exchange.model().name();
        UsageIntent intent = new UsageIntent(
                id(now),
                now,
                exchange.call().correlationId(),
                attempt,
                caller.keyId(),
                text(caller.user()),
                text(caller.team()),
                exchange.tags(),
                exchange.route().pattern(),
                exchange.route().operation(),
                model,
                instance,
                usage,
                instance.isEmpty() ? prices.dearest(model, usage) : prices.cost(model, instance, usage));
        UsageSpool open = spool;
        if (open != null) {
            open.append(to -> UsageFrames.write(to, intent));
        }
        return new Attempt(this, exchange, intent);
    }

    /** The request is over: what caches spared is counted. */
    public void settled(Exchange exchange) {
        if (exchange.fault() != null || exchange.namedModel() == null) {
            return;
        }
        for (Slot slot : exchange.slots()) {
            if (slot.tier() != null && slot.answered()) {
                String model = exchange.model().name();
                metrics.saved(model, prices.cost(model, "", slot.entry().usage()));
            }
        }
    }

    long cost(String model, String instance, Usage usage, End how) {
        if (how == End.REFUSED && usage.total() == 0) {
            return 0; // what was not done costs nothing, whatever the price
        }
        return instance.isEmpty() ? prices.dearest(model, usage) : prices.cost(model, instance, usage);
    }

    void ended(Exchange exchange, UsageIntent intent, List<UsageOutcome> outcomes) {
        for (UsageOutcome outcome : outcomes) {
            exchange.work().billed(outcome.usage());
            exchange.work().cost(outcome.cost());
            metrics.spent(intent.model(), outcome.usage(), outcome.cost());
        }
        if (exchange.route().form() != null && outcomes.getFirst().end() == End.ANSWERED) {
            estimator.saw(
                    intent.model(),
                    exchange.asked().body().size(),
                    outcomes.getFirst().usage());
        }
        UsageSpool open = spool;
        if (open != null) {
            open.append(to -> {
                for (int i = outcomes.size() - 1; i >= 0; i--) {
                    UsageOutcome each = outcomes.get(i);
                    UsageFrames.write(
                            to,
                            new UsageOutcome(
                                    each.id(),
                                    i,
                                    each.instance(),
                                    each.end(),
                                    each.calls(),
                                    each.usage(),
                                    each.cost()));
                }
            });
        }
    }

    /** Nano-dollars of what was probably used, or {@link Price#UNPRICED}. */
    long expected(Exchange exchange, Estimate estimate) {
        Usage usage = Usage.of(estimate.inputTokens(), estimate.outputTokens(), true);
        return prices.dearest(exchange.model().name(), usage);
    }

    private String id(long nowMillis) {
        return digits(nowMillis) + '-' + boot + '-' + Long.toString(numbers.incrementAndGet(), Character.MAX_RADIX);
    }

    /** Formatting a date takes longer than everything else here, and changes once a day. */
    private String digits(long nowMillis) {
        long number = Math.floorDiv(nowMillis, 86_400_000L);
        Day known = day;
        if (known.number() != number) {
            known = new Day(
                    number,
                    Instant.ofEpochMilli(nowMillis)
                            .atOffset(ZoneOffset.UTC)
                            .format(DateTimeFormatter.BASIC_ISO_DATE)
                            .substring(0, 8));
            day = known;
        }
        return known.digits();
    }

    private static String text(@Nullable String given) {
        return given == null ? "" : given;
    }
}
